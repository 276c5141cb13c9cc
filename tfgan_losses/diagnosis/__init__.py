"""What `doctor` finds out about an installation, a machine, and what TensorFlow can do on it.

Nothing here needs TensorFlow or Keras: where they are broken, this still works.
"""
