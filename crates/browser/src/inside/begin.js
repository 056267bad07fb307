// Lives in a world of its own beside each document: it sees the page's elements and none of the page's scripts, and they
// see nothing of it.
if (globalThis.inside) return;
