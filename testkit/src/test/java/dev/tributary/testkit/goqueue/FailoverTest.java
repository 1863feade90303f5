package dev.tributary.testkit.goqueue;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Transaction;
import dev.tributary.TransactionOptions;
import dev.tributary.Tributary;
import dev.tributary.admin.StreamConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.ConflictException;
import dev.tributary.queue.Job;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.StartAt;
import dev.tributary.testkit.wire.FailoverCases;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two servers of one engine, as two nodes that share what they store and who holds which job. Who is a member, and which transactions are open, is
 * known to each node alone.
 */
class FailoverTest extends FailoverCases {
  private static final int PARTITIONS = 2;
  private final Furthest workers = new Furthest("workers@s");

  FailoverTest() {
    super("goqueue", PARTITIONS);
  }

  @Override
  protected void create() throws Exception {
    passing.of(observer.admin().createStream("s", StreamConfig.partitions(PARTITIONS)));
  }

  @Override
  protected void store(String value) throws Exception {
    passing.of(stream().publish(value));
  }

  @Override
  protected List<String> stored() throws Exception {
    return events();
  }

  @Override
  protected CompletableFuture<?> touch(Tributary client) {
    return client.stream("s").partitions();
  }

  /** A stream is a queue here. */
  @Override
  protected void enqueue(List<String> values) throws Exception {
    supply(values);
  }

  @Override
  protected void always() {
    assertThat(workers.holds()).isTrue();
  }

  private long committed(String group, int partition) {
    return observer.stream("s").committed(group, partition).join().orElse(0);
  }

  /** How far a group is, which never goes back. */
  private final class Furthest {
    private final String group;
    private final long[] seen = new long[PARTITIONS];

    Furthest(String group) {
      this.group = group;
    }

    boolean holds() {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        long now = committed(group, partition);
        assertThat(now).as("of partition %s", partition).isGreaterThanOrEqualTo(seen[partition]);
        seen[partition] = now;
      }
      return true;
    }

    long sum() {
      return LongStream.of(seen).sum();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aGroupReadsEverythingAndNeverCommitsBackwards(Break what) throws Exception {
    supply(numbered(0, 200));
    List<List<Long>> offsets = List.of(new ArrayList<>(), new ArrayList<>());
    Set<String> consumed = ConcurrentHashMap.newKeySet();
    Furthest furthest = new Furthest("g@s");
    try (EventConsumer<String> consumer =
        stream().consumer(ConsumerOptions.builder().group("g").start(StartAt.earliest()).autoCommit(Duration.ofMillis(100)).build())) {
      CompletableFuture<Void> consuming =
          consumer.forEach(
              message -> {
                synchronized (offsets) {
                  offsets.get(message.partition()).add(message.offset());
                }
                consumed.add(message.value());
                return CompletableFuture.completedFuture(null);
              });
      passing.until("some events", () -> furthest.holds() && consumed.size() >= 50);
      what.happenTo(this);
      supply(numbered(200, 400));
      passing.until("the last commit", () -> furthest.holds() && furthest.sum() == 400);
      assertThat(consuming).isNotDone();
      passing.of(consumer.closeAsync(Duration.ofMinutes(5)));
    }
    assertThat(furthest.holds()).isTrue();
    assertThat(consumed).containsExactlyInAnyOrderElementsOf(numbered(0, 400));
    // What is read again is read on from there.
    for (List<Long> one : offsets) {
      for (int i = 1; i < one.size(); i++) {
        assertThat(one.get(i)).isLessThanOrEqualTo(one.get(i - 1) + 1);
      }
    }
  }

  @Test
  void aJobWhoseNodeIsGoneIsSettledAtAnother() throws Exception {
    supply(List.of("job"));
    Job<String> job = passing.of(queue.reserve()).orElseThrow();
    toFirst.refuse();
    passing.of(job.ack());
    supply(List.of("next"));
    assertThat(passing.of(queue.reserve()).orElseThrow().value()).as("the other is done").isEqualTo("next");
  }

  @Test
  void aTransactionEndsWithItsNodeAndAnotherCanBegin() throws Exception {
    Transaction lost = passing.of(client.transaction(TransactionOptions.DEFAULT));
    passing.of(lost.publish(stream(), Event.builder("lost").partition(0).build()));
    toFirst.refuse();
    passing.of(stream().partitions());
    assertThat(failure(passed(lost.publish(stream(), Event.builder("late").partition(0).build())))).isInstanceOf(ConflictException.class);
    assertThat(failure(passed(lost.commit()))).isInstanceOf(ConflictException.class);
    passing.of(client.inTransaction(TransactionOptions.DEFAULT, again -> again.publish(stream(), Event.builder("again").partition(0).build())));
    // Whatever the first left open is cut off in the end.
    time.advance(Duration.ofMinutes(2));
    assertThat(stored()).containsExactly("again");
  }

  @Test
  void whatATransactionPublishesDoesNotGetIntoThatOfAnotherNode() throws Exception {
    ClientConfig elsewhere =
        ClientConfig.builder("goqueue").endpoint(second.host(), second.port()).timeout(NEVER).connectTimeout(NEVER).time(time).build();
    try (Tributary other = Tributary.connect(elsewhere)) {
      Transaction theirs = passing.of(other.transaction(TransactionOptions.DEFAULT));
      passing.of(theirs.publish(other.stream("s", Codecs.text()), Event.builder("theirs").partition(0).build()));
      Transaction ours = passing.of(client.transaction(TransactionOptions.DEFAULT));
      passing.of(ours.publish(stream(), Event.builder("ours").partition(0).build()));
      toFirst.refuse();
      // By now the client uses the second node, where the number of our producer is that of theirs.
      passing.of(stream().partitions());
      assertThat(failure(passed(ours.publish(stream(), Event.builder("late").partition(0).build())))).isInstanceOf(ConflictException.class);
      assertThat(failure(passed(ours.commit()))).isInstanceOf(ConflictException.class);
      passing.of(theirs.commit());
      assertThat(stored()).containsExactly("theirs");
      passing.of(client.inTransaction(TransactionOptions.DEFAULT, again -> again.publish(stream(), Event.builder("again").partition(0).build())));
      assertThat(stored()).containsExactly("theirs", "again");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aTransactionIsDoneOrNotOrInDoubt(Break what) throws Exception {
    List<String> values = List.of("a", "b", "c");
    CompletableFuture<Void> call =
        client.inTransaction(
            TransactionOptions.DEFAULT,
            transaction -> {
              CompletableFuture<?> all = transaction.publish(stream(), Event.builder("a").partition(0).build());
              return all.thenCompose(
                      done -> {
                        what.happenTo(this);
                        return transaction.publish(stream(), Event.builder("b").partition(1).build());
                      })
                  .thenCompose(done -> transaction.publish(stream(), Event.builder("c").partition(0).build()))
                  .thenAccept(done -> {});
            });
    boolean done = passed(call).handle((value, error) -> error == null).join();
    boolean doubtful = !done && failure(call).maybeApplied();
    time.advance(Duration.ofMinutes(2));
    List<String> stored = stored();
    if (done) {
      assertThat(stored).containsExactlyInAnyOrderElementsOf(values);
    } else if (!doubtful) {
      assertThat(stored).isEmpty();
    } else if (!stored.isEmpty()) {
      assertThat(stored).containsExactlyInAnyOrderElementsOf(values);
    }
    passing.of(client.inTransaction(TransactionOptions.DEFAULT, again -> again.publish(stream(), Event.builder("again").partition(0).build())));
    assertThat(stored()).contains("again");
  }
}
