"""What AWS answers: the table `outputs.yaml`, and here the words that its templates use."""

from rehearsal.clouds.outputs.aws import access, cluster, edge, network, place, stores
from rehearsal.clouds.outputs.templates import Word

WORDS: dict[str, Word] = {
    **access.WORDS,
    **cluster.WORDS,
    **edge.WORDS,
    **network.WORDS,
    **place.WORDS,
    **stores.WORDS,
}
