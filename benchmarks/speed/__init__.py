"""`make bench`: how fast the assistant is beside the bot that `rasa init` makes, and how its cost grows.

bots       both of them: training, starting, asking, ending
load       clients that ask without a pause
nlu        the understanding of a message alone, in a process of its own
rounds     the alternating rounds
stages     what share of a reply each stage takes (probe/ measures it from inside)
growth     turns of a conversation, topics, conversations in the store, requests in the inbox
document   docs/benchmarks.md and its charts, from what was measured
"""
