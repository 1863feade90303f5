package dev.tributary.testkit.server.goqueue.internal.transactions;

import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.goqueue.internal.store.SerialCalls;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Who publishes in transactions: one at a time, and in the name of its last epoch only. What changes it takes its turn; it may be looked
 * at by any thread.
 */
public final class Producer {
  private final String name;
  private final SerialCalls serial;
  private volatile long id;
  private volatile int epoch = -1;
  private volatile Duration timeout = Duration.ZERO;
  private volatile long heardAt;
  private volatile @Nullable OpenTransaction open;

  Producer(String name, long id, TimeSource time) {
    this.name = name;
    this.id = id;
    this.serial = new SerialCalls(time);
  }

  /** The transactional id. */
  public String name() {
    return name;
  }

  public SerialCalls serial() {
    return serial;
  }

  public long id() {
    return id;
  }

  public int epoch() {
    return epoch;
  }

  /** How long its transactions may take. */
  public Duration timeout() {
    return timeout;
  }

  /** When it was heard of last, by the clock that measures. */
  public long heardAt() {
    return heardAt;
  }

  void heard(long nanos) {
    heardAt = nanos;
  }

  public @Nullable OpenTransaction open() {
    return open;
  }

  public void open(@Nullable OpenTransaction other) {
    open = other;
  }

  /** Another instance of it takes over, under this id. */
  void renew(long id, int epoch, Duration timeout) {
    this.id = id;
    this.epoch = epoch;
    this.timeout = timeout;
  }

  /** Whether this epoch is over. */
  boolean fenced(int given) {
    return given < epoch;
  }

  /** Refuses who is not its present instance. */
  void requireEpoch(int given) {
    if (fenced(given)) {
      throw Refusal.conflict("producer fenced by newer instance");
    } else if (given > epoch) {
      throw Refusal.internal("invalid producer epoch");
    }
  }

  /** Its transaction, which must be in one of these states. */
  OpenTransaction requireOpen(OpenTransaction.State... wanted) {
    OpenTransaction transaction = open;
    OpenTransaction.State state = transaction == null ? OpenTransaction.State.EMPTY : transaction.state();
    if (transaction != null) {
      for (OpenTransaction.State one : wanted) {
        if (state == one) {
          return transaction;
        }
      }
    }
    throw OpenTransaction.State.mismatch(state, wanted);
  }
}
