"""The console’s pages of filers: finding them, one of them, and the acts."""
