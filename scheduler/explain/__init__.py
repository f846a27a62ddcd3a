"""Why a roster is as it is: by trying what else could be."""
