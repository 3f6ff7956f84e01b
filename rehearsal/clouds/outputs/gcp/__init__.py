"""What Google Cloud answers: the table `outputs.yaml`, and here the words that its templates use."""

from rehearsal.clouds.outputs.gcp import place, services
from rehearsal.clouds.outputs.templates import Word

WORDS: dict[str, Word] = {**place.WORDS, **services.WORDS}
