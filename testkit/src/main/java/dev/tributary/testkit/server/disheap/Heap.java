package dev.tributary.testkit.server.disheap;

import dev.tributary.ResourceName;
import dev.tributary.vertx.internal.disheap.proto.HeapInfo;
import dev.tributary.vertx.internal.disheap.proto.Mode;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.LongAdder;

/** A heap: the queue it is, what was said of it, and what nobody else counts. Thread-safe. */
final class Heap {
  private final ResourceName queue;
  private final boolean made;
  private final Instant visible;
  private volatile HeapInfo info;
  /** What people say of it, which this wire does not carry. */
  volatile String description = "";

  /** Deliveries. */
  final LongAdder pops = new LongAdder();
  /** Deliveries that were given back. */
  final LongAdder nacks = new LongAdder();
  /** Deliveries but the first of each message. */
  final LongAdder retries = new LongAdder();
  /** Deliveries whose lease ended. */
  final LongAdder timeouts = new LongAdder();

  /**
   * A heap.
   *
   * @param made whether it was made over this wire, with this wire's backoff; else it has the backoff it was given elsewhere
   * @param visible when it is known to everybody
   */
  Heap(ResourceName queue, HeapInfo info, boolean made, Instant visible) {
    this.queue = queue;
    this.info = info;
    this.made = made;
    this.visible = visible;
  }

  String topic() {
    return info.getTopic();
  }

  ResourceName queue() {
    return queue;
  }

  boolean made() {
    return made;
  }

  Instant visible() {
    return visible;
  }

  /** What was said of it, without counts. */
  HeapInfo info() {
    return info;
  }

  void info(HeapInfo changed) {
    info = changed;
  }

  Mode mode() {
    return info.getMode();
  }

  int partitions() {
    return info.getPartitions();
  }

  Duration lease() {
    return Mapping.duration("visibility_timeout_default", info.getVisibilityTimeoutDefault());
  }
}
