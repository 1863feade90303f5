package dev.tributary.vertx.internal.goqueue.client;

import dev.tributary.stream.DelayedEvent;
import dev.tributary.stream.Message;
import dev.tributary.vertx.internal.source.Page;
import io.vertx.core.internal.ContextInternal;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Offsets of one partition that a reader passed and that held nothing. A server should never fill one: so there are none to keep. Event loop only. */
public interface Gaps {
  /** Of a server that fills none. */
  Gaps NONE = new Gaps() {};

  /** Whether so much is unknown that reading must wait. */
  default boolean full() {
    return false;
  }

  /** What a page leaves out from this offset on. */
  default void passed(long from, Page page) {}

  /** It went to the application, where {@code next} was the next in turn. */
  default void delivered(long offset, long next) {}

  /** What may be committed where this was asked for. */
  default long committable(long offset) {
    return offset;
  }

  /** Leaves what is under way; what was read and not delivered is read again, and what is from here on is read in turn. */
  default void rest(long from) {}

  /** Reading goes on elsewhere. */
  default void clear() {}

  /** Looks up or reads what is to be, unless it does already. */
  default void go() {}

  /** What the reader does for them. */
  interface Reader {
    /** All events of the topic that wait. */
    CompletableFuture<List<DelayedEvent>> pending();

    /** Messages from this offset on. */
    CompletableFuture<Page> page(long offset, int max);

    /** This one came late; it goes to the application when it wants more. */
    void late(Message<byte[]> message);

    /** There may be room again. */
    void emptied();
  }

  /** Those of each partition that is read. */
  interface Factory {
    /** Of a partition, which is called so for people. */
    Gaps of(String partition, ContextInternal loop, Reader reader);
  }
}
