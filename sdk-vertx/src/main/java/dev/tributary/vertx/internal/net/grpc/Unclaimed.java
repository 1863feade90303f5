package dev.tributary.vertx.internal.net.grpc;

/** Who cares for the answer of a call that takes something, when nobody waits for it any more. Called on an event loop. */
public interface Unclaimed<R> {
  /** It came after the cancellation. */
  void accept(R result);

  /** The last call, of each that was begun: nothing comes any more, whoever waited for it. */
  default void over() {}
}
