"""Who fills a spec: the built-in agents from the facts alone, or an LLM within the same bounds."""
