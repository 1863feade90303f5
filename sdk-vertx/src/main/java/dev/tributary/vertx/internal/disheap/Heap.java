package dev.tributary.vertx.internal.disheap;

import dev.tributary.vertx.internal.disheap.proto.Mode;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A queue as the wire knows it: its flat name, and which end of its priorities comes first. See {@link Heaps}. */
final class Heap {
  final String topic;

  /** Null until somebody asked, and again when it turns out that the heap is not there any more. */
  volatile @Nullable Mode mode;

  @Nullable CompletableFuture<Mode> asking;

  Heap(String topic) {
    this.topic = topic;
  }
}
