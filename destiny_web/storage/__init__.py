"""What is kept between requests: sessions, snapshots, journals, locks."""
