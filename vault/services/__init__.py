"""Use cases: one public function for each thing a person or an app can do."""
