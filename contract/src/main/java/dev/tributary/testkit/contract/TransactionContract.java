package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.JobQueue;
import dev.tributary.Transaction;
import dev.tributary.TransactionOptions;
import dev.tributary.Tributary;
import dev.tributary.error.ConflictException;
import dev.tributary.error.TributaryException;
import dev.tributary.queue.Job;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.ProducerSequence;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.stream.Event;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What transactions do. */
public abstract class TransactionContract extends Contract {
  @BeforeEach
  final void requireTransactions() {
    requires(Capability.TRANSACTIONS);
  }

  @Test
  void whatWasPublishedBecomesVisibleTogether() {
    EventStream<String> one = stream();
    EventStream<String> two = stream();
    Probe<Message<String>> probe = Probe.of(one.subscribe(SubscribeOptions.from(StartAt.earliest())));
    Transaction transaction = begin();
    get(transaction.publish(one, Event.of("a")));
    get(transaction.publish(one, Event.of("b")));
    get(transaction.publish(two, Event.of("c")));
    pass(Duration.ofSeconds(1));
    assertThat(get(one.read(0, 0, 10))).isEmpty();
    assertThat(get(two.read(0, 0, 10))).isEmpty();
    assertThat(probe.count()).isZero();
    get(transaction.commit());
    await("both events", () -> probe.count() == 2);
    assertThat(get(one.read(0, 0, 10))).extracting(Message::value).containsExactly("a", "b");
    assertThat(get(two.read(0, 0, 10))).extracting(Message::value).containsExactly("c");
  }

  @Test
  void enqueuedJobsBecomeVisibleWithTheEvents() {
    requires(Capability.TRANSACTIONAL_ENQUEUE);
    EventStream<String> stream = stream();
    JobQueue<String> queue = queue();
    Transaction transaction = begin();
    get(transaction.publish(stream, Event.of("event")));
    get(transaction.enqueue(queue, NewJob.of("job")));
    assertThat(get(queue.reserve())).isEmpty();
    get(transaction.commit());
    assertThat(get(queue.reserve()).map(Job::value)).contains("job");
    assertThat(get(stream.read(0, 0, 10))).hasSize(1);
  }

  @Test
  void aJobOfAProducerThatWasReplacedCannotBeCommitted() {
    requires(Capability.TRANSACTIONAL_ENQUEUE, Capability.PRODUCER_SEQUENCES);
    JobQueue<String> queue = queue();
    Transaction transaction = get(client().transaction());
    get(transaction.enqueue(queue, job("early", 1)));
    get(queue.enqueue(job("current", 2)));
    failure(ConflictException.class, transaction.enqueue(queue, job("late", 1)));
    failure(ConflictException.class, transaction.commit());
    assertThat(get(queue.receive(10))).extracting(Job::value).containsExactly("current");
  }

  private static NewJob<String> job(String value, long epoch) {
    return NewJob.builder(value).producerSequence(new ProducerSequence("p", epoch, value.length())).build();
  }

  /** Where a transaction has no place for a schema that is refused, and not left out. */
  @Test
  void anEventThatDoesNotMatchItsSchemaIsNotInIt() {
    requires(Capability.EVENT_SCHEMA);
    EventStream<String> stream = stream();
    String subject = fresh("subject");
    get(client().schemas().register(subject, SchemaFormat.JSON, "{\"type\":\"object\",\"required\":[\"id\"]}"));
    Transaction transaction = begin();
    failure(TributaryException.class, transaction.publish(stream, Event.builder("{}").schema(subject).build()));
    get(transaction.publish(stream, Event.of("free")));
    get(transaction.commit());
    assertThat(get(stream.read(0, 0, 10))).extracting(Message::value).containsExactly("free");
  }

  @Test
  void anAbortDropsEverything() {
    EventStream<String> stream = stream();
    Transaction transaction = begin();
    get(transaction.publish(stream, Event.of("a")));
    get(transaction.abort());
    get(transaction.abort());
    get(stream.publish("b"));
    assertThat(get(stream.read(0, 0, 10))).extracting(Message::value).containsExactly("b");
  }

  @Test
  void nothingFollowsTheEnd() {
    EventStream<String> stream = stream();
    Transaction committed = begin();
    get(committed.publish(stream, Event.of("a")));
    get(committed.commit());
    failure(ConflictException.class, committed.publish(stream, Event.of("b")));
    failure(ConflictException.class, committed.commit());
    Transaction aborted = begin();
    get(aborted.abort());
    failure(ConflictException.class, aborted.publish(stream, Event.of("c")));
    failure(ConflictException.class, aborted.commit());
    assertThat(get(stream.read(0, 0, 10))).extracting(Message::value).containsExactly("a");
  }

  @Test
  void aTransactionThatIsForgottenIsAborted() {
    EventStream<String> stream = stream();
    Transaction transaction = get(client().transaction(TransactionOptions.timeout(Duration.ofSeconds(2))));
    get(transaction.publish(stream, Event.of("a")));
    pass(Duration.ofSeconds(4));
    failure(ConflictException.class, transaction.commit());
    assertThat(get(stream.read(0, 0, 10))).isEmpty();
  }

  @Test
  void aSecondProducerOfTheSameNameFencesTheFirst() {
    requires(Capability.NAMED_PRODUCERS);
    EventStream<String> stream = stream();
    TransactionOptions options = TransactionOptions.producer(fresh("producer"));
    Transaction first = get(client().transaction(options));
    get(first.publish(stream, Event.of("old")));
    Tributary other = connect();
    Transaction second = get(other.transaction(options));
    get(second.publish(through(other, stream), Event.of("new")));
    failure(ConflictException.class, first.commit());
    get(second.commit());
    assertThat(get(stream.read(0, 0, 10))).extracting(Message::value).containsExactly("new");
  }

  @Test
  void workThatSucceedsIsCommitted() {
    EventStream<String> stream = stream();
    String result =
        await(
            client()
                .inTransaction(
                    transaction -> transaction.publish(stream, Event.of("a")).thenApply(published -> "done")));
    assertThat(result).isEqualTo("done");
    assertThat(get(stream.read(0, 0, 10))).hasSize(1);
  }

  @Test
  void workThatFailsIsAborted() {
    EventStream<String> stream = stream();
    CompletableFuture<Void> failed =
        client()
            .inTransaction(
                transaction ->
                    transaction
                        .publish(stream, Event.of("a"))
                        .thenCompose(published -> CompletableFuture.failedFuture(new IllegalStateException("no"))));
    assertThatThrownBy(() -> await(failed)).hasStackTraceContaining("no");
    CompletableFuture<Void> thrown =
        client()
            .inTransaction(
                transaction -> {
                  throw new IllegalStateException("at once");
                });
    assertThatThrownBy(() -> await(thrown)).hasStackTraceContaining("at once");
    assertThat(get(stream.read(0, 0, 10))).isEmpty();
  }

  private Transaction begin() {
    return get(client().transaction());
  }
}
