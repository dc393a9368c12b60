"""The front desk's pages under /desk: the inbox, and the owner's room. Each module a page or a part of all."""
