"""Verbs: each public function is one transaction; plain values in, frozen values out."""
