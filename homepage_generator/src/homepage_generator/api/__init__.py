"""The REST API: it checks, keeps and answers; jobs are worked on beside it."""
