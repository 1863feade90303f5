package dev.tributary.testkit.contract;

/** The server needs no more of what it is in front of than the SPI. */
final class GoQueueBeforeAnotherBackendTest extends QueueContract {
  @Override
  protected Backend open() {
    return WireBackend.serving("goqueue", SpiOnly::new);
  }
}
