"""What every room stands on: errors, dates, identifiers, declared tables. Imports nothing from above."""
