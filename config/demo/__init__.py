"""`manage.py demo` and `manage.py story`: the whole house running, and a play on its stage."""
