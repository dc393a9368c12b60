"""What `prp-guide` can do, a module for each command. Each imports its heavy parts only when it runs."""
