"""What several tests share: real processes, a real PostgreSQL, bounded waits."""
