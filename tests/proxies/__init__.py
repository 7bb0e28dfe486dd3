"""What the differential test runs: real middleboxes, servers behind them, and clients before them."""
