package dev.tributary.engine.access;

import dev.tributary.spi.AccessTransport;

/** Access of a transport that keeps users for servers in front of it too: those of several servers are the same, and the transport's own. */
public interface Guarded extends AccessTransport {
  Directory directory();

  Trail trail();
}
