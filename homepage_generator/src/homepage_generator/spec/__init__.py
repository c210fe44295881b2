"""What a site is, as data: facts, look, pages, sections, words. The only thing agents make and people edit."""
