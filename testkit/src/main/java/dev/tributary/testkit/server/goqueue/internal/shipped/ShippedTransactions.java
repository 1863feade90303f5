package dev.tributary.testkit.server.goqueue.internal.shipped;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.goqueue.internal.store.Appends;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import dev.tributary.testkit.server.goqueue.internal.transactions.OpenTransaction;
import dev.tributary.testkit.server.goqueue.internal.transactions.Producer;
import dev.tributary.testkit.server.goqueue.internal.transactions.Sequences;
import dev.tributary.testkit.server.goqueue.internal.transactions.Transactions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Transactions as public servers have them. Nobody is fenced who publishes: without a transaction, or in another epoch than its producer's,
 * what is published is there at once. A number counts as used before its message is stored, whatever comes of that. A transaction ends at
 * its timeout only while its producer is heard of, and one that a newer instance finds is listed for good.
 */
public final class ShippedTransactions extends Transactions {
  private static final Duration SILENCE = Duration.ofSeconds(30);
  private static final Duration LOOK = Duration.ofSeconds(1);
  /** Longer than any test looks on. */
  private static final Duration FOR_GOOD = Duration.ofDays(365);

  private static final int MOST_LISTED = 1000;

  private final Deque<OpenTransaction> left = new ArrayDeque<>();

  public ShippedTransactions(Topics topics, Appends appends, TimeSource time) {
    super(topics, appends, time);
  }

  @Override
  public List<OpenTransaction> open() {
    List<OpenTransaction> all = new ArrayList<>(super.open());
    synchronized (left) {
      all.addAll(left);
    }
    return all;
  }

  @Override
  public CompletableFuture<Identity> init(String name, Duration timeout, Deadline deadline) {
    OpenTransaction found = producers().named(name).open();
    return Steps.map(
        super.init(name, timeout, deadline),
        who -> {
          if (found != null) {
            leave(found);
          }
          return who;
        });
  }

  private void leave(OpenTransaction found) {
    found.state(OpenTransaction.State.PREPARE_ABORT);
    synchronized (left) {
      left.add(found);
      if (left.size() > MOST_LISTED) {
        left.remove();
      }
    }
  }

  @Override
  public CompletableFuture<Published> publish(long id, int epoch, Publish publish, Deadline deadline) {
    Sequences.Key key = key(id, publish);
    switch (sequences().judge(key, publish.sequence())) {
      case GAP -> throw outOfOrder(key, publish);
      case DUPLICATE -> {
        return CompletableFuture.completedFuture(new Published(publish.partition(), 0, true));
      }
      case NEW -> sequences().use(key, publish.sequence());
    }
    OpenTransaction transaction = producers().find(id).filter(producer -> producer.epoch() == epoch).map(Producer::open).orElse(null);
    if (transaction != null) {
      return transaction.producer().serial().make(deadline, () -> store(transaction, publish, deadline));
    }
    return Steps.map(appends().append(publish.topic(), List.of(publish.event()), deadline), stored -> published(stored.get(0).orThrow()));
  }

  @Override
  protected void forgetUses(Sequences.Key key) {
    // They stay used.
  }

  @Override
  protected Duration sessionTimeout(Producer producer) {
    return FOR_GOOD;
  }

  @Override
  protected void watch(OpenTransaction transaction) {
    transaction.timer(time().schedule(LOOK, () -> look(transaction)));
  }

  private void look(OpenTransaction transaction) {
    Producer producer = transaction.producer();
    Duration age = Duration.between(transaction.begun(), time().now());
    if (time().nanos() - producer.heardAt() >= SILENCE.toNanos()) {
      transaction.state(OpenTransaction.State.PREPARE_ABORT);
    } else if (age.compareTo(producer.timeout()) >= 0) {
      expire(transaction);
    } else {
      watch(transaction);
    }
  }

  @Override
  public OpenTransaction requireCommittable(Producer producer) {
    OpenTransaction transaction = producer.open();
    return transaction != null ? transaction : super.requireCommittable(producer);
  }
}
