"""gunicorn: the worker class and the server hooks. gunicorn.conf.py holds the settings."""
