package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tributary.EventStream;
import dev.tributary.JobQueue;
import dev.tributary.Transaction;
import dev.tributary.TransactionOptions;
import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.StreamConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.ConflictException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.error.TributaryException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.Job;
import dev.tributary.queue.NackOutcome;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.schema.Compatibility;
import dev.tributary.schema.Schema;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.DelayedEvent;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What users of the Python client of GoQueue do, step by step as its documentation has it, with the same outcome. */
@Timeout(60)
abstract class GoQueueStories {
  final VirtualTime time = new VirtualTime();
  final MemoryEngine engine = MemoryEngine.builder().time(time).createOnFirstUse(false).build();
  Tributary client;

  @BeforeEach
  void start() {
    client = connect(UnaryOperator.identity());
  }

  @AfterEach
  void stop() {
    get(client.closeAsync());
    engine.close();
  }

  @Test
  void createATopicPublishAndConsume() {
    EventStream<String> orders = topic("orders", 3);
    String order = "{\"orderId\": \"12345\", \"amount\": 99.99}";
    Position at = get(orders.publish(order));
    List<Message<String>> read = get(orders.read(at.partition(), 0, 100));
    assertThat(read).extracting(Message::value).containsExactly(order);
    assertThat(get(orders.partitions())).isEqualTo(3);
    assertThat(error(client.admin().createStream("orders", StreamConfig.partitions(3)))).isInstanceOf(AlreadyExistsException.class);
  }

  @Test
  void workersOfAGroupShareTheWork() {
    EventStream<String> orders = topic("orders", 6);
    Queue<String> processed = new ConcurrentLinkedQueue<>();
    List<EventConsumer<String>> workers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      EventConsumer<String> worker =
          orders.consumer(ConsumerOptions.builder().group("order-processors").autoCommit(Duration.ofMillis(200)).build());
      worker.forEach(message -> CompletableFuture.runAsync(() -> processed.add(message.value()), Runnable::run));
      workers.add(worker);
    }
    await(() -> workers.stream().allMatch(worker -> worker.assignment().size() == 2));
    List<String> first = IntStream.range(0, 60).mapToObj(i -> "order-" + i).toList();
    get(orders.publishAll(first.stream().map(Event::of).toList()));
    await(() -> processed.containsAll(first));
    // What is not committed when partitions move may be processed twice.
    await(() -> orders.groupState("order-processors").join().lag() == 0);

    get(workers.remove(0).closeAsync());
    await(() -> workers.stream().allMatch(worker -> worker.assignment().size() == 3));
    get(orders.publishAll(List.of(Event.of("late-0"), Event.of("late-1"), Event.of("late-2"))));
    await(() -> processed.containsAll(List.of("late-0", "late-1", "late-2")));
    workers.forEach(worker -> get(worker.closeAsync()));
    assertThat(get(orders.groupState("order-processors")).lag()).isZero();
    assertThat(processed).hasSize(63).doesNotHaveDuplicates();
  }

  @Test
  void messagesOfOneKeyStayTogether() {
    EventStream<String> orders = topic("orders", 3);
    List<Position> places =
        get(
            orders.publishAll(
                List.of(
                    Event.builder("{\"event\": \"order_created\"}").key("user-123").build(),
                    Event.builder("{\"event\": \"payment_received\"}").key("user-123").build())));
    assertThat(places.get(0).partition()).isEqualTo(places.get(1).partition());
    assertThat(get(orders.read(places.get(0).partition(), 0, 10)))
        .extracting(Message::value)
        .containsExactly("{\"event\": \"order_created\"}", "{\"event\": \"payment_received\"}");
  }

  @Test
  void theCriticalAlertComesFirst() {
    JobQueue<String> alerts = queue("alerts");
    get(alerts.enqueueAll(List.of(NewJob.of("Normal alert"), NewJob.builder("Critical alert!").priority(2).build())));
    List<Job<String>> taken = get(alerts.receive(2));
    assertThat(taken).extracting(Job::value).containsExactly("Critical alert!", "Normal alert");
    taken.forEach(job -> get(job.ack()));
  }

  @Test
  void remindersComeWhenTheyAreDue() {
    EventStream<String> reminders = topic("reminders", 1);
    List<Position> places =
        get(
            reminders.publishAll(
                List.of(
                    Event.builder("Follow up in 1 hour").delay(Duration.ofHours(1)).build(),
                    Event.builder("Daily report").delay(Duration.ofHours(24)).build())));
    assertThat(get(reminders.delayed().list(100))).extracting(DelayedEvent::position).isEqualTo(places);
    assertThat(get(reminders.read(0, 0, 10))).isEmpty();
    time.advance(Duration.ofHours(1));
    assertThat(get(reminders.read(0, 0, 10))).extracting(Message::value).containsExactly("Follow up in 1 hour");
    get(reminders.delayed().cancel(places.get(1)));
    time.advance(Duration.ofHours(24));
    assertThat(get(reminders.read(0, 0, 10))).hasSize(1);
  }

  @Test
  void aJobIsAckedNackedOrRejected() {
    JobQueue<String> work = queue("work");
    get(work.enqueue("good"));
    get(get(work.receive(1)).get(0).ack());

    get(work.enqueue("again"));
    assertThat(get(get(work.receive(1)).get(0).nack(Duration.ofSeconds(30)))).isEqualTo(NackOutcome.REQUEUED);
    assertThat(get(work.receive(1))).isEmpty();
    pass(Duration.ofSeconds(31));
    Job<String> again = get(work.receive(1)).get(0);
    assertThat(again.attempt()).isEqualTo(2);
    get(again.ack());

    get(work.enqueue("never"));
    get(get(work.receive(1)).get(0).reject("no such customer"));
    assertThat(get(work.receive(1))).isEmpty();
    List<DeadLetter<String>> dead = get(work.deadLetters().list(10));
    assertThat(dead).extracting(DeadLetter::value).containsExactly("never");
    assertThat(dead.get(0).reason()).contains("no such customer");
    get(work.deadLetters().replay(dead.get(0).id()));
    assertThat(get(work.receive(1))).extracting(Job::value).containsExactly("never");
    assertThat(get(work.deadLetters().list(10))).isEmpty();
  }

  @Test
  void aLongJobKeepsItsLease() {
    JobQueue<String> work = queue("work");
    get(work.enqueue("long"));
    CompletableFuture<Void> done = new CompletableFuture<>();
    Queue<Integer> attempts = new ConcurrentLinkedQueue<>();
    Worker worker =
        work.worker(
            WorkerOptions.builder().concurrency(2).lease(Duration.ofSeconds(30)).build(),
            job -> {
              attempts.add(job.attempt());
              return done;
            });
    await(() -> !attempts.isEmpty());
    passSlowly(Duration.ofSeconds(50));
    done.complete(null);
    await(() -> worker.stats().acked() == 1);
    get(worker.closeAsync());
    assertThat(attempts).containsExactly(1);
    assertThat(get(work.receive(1))).isEmpty();
  }

  @Test
  void fundsMoveOnBothSidesOrOnNeither() {
    EventStream<String> debits = topic("account-debits", 1);
    EventStream<String> credits = topic("account-credits", 1);
    TransactionOptions producer = TransactionOptions.producer("transfer-alice-bob");
    get(
        client.inTransaction(
            producer,
            transfer ->
                transfer
                    .publish(debits, Event.of("{\"account\": \"alice\", \"amount\": -10}"))
                    .thenCompose(debited -> transfer.publish(credits, Event.of("{\"account\": \"bob\", \"amount\": 10}")))));
    assertThat(get(debits.read(0, 0, 10))).hasSize(1);
    assertThat(get(credits.read(0, 0, 10))).hasSize(1);

    CompletableFuture<Object> failed =
        client.inTransaction(
            producer,
            transfer ->
                transfer.publish(debits, Event.of("lost")).thenCompose(debited -> CompletableFuture.failedFuture(new IllegalStateException("no"))));
    assertThat(error(failed)).hasMessageContaining("no");
    assertThat(get(debits.read(0, 0, 10))).hasSize(1);

    Transaction replaced = get(client.transaction(producer));
    get(replaced.publish(debits, Event.of("of a process that was replaced")));
    Tributary successor = connect(UnaryOperator.identity());
    get(get(successor.transaction(producer)).commit());
    assertThat(error(replaced.commit())).isInstanceOf(ConflictException.class);
    assertThat(get(debits.read(0, 0, 10))).hasSize(1);
    get(successor.closeAsync());
  }

  @Test
  void schemasAreRegisteredAndHeldCompatible() {
    Schema registered =
        get(
            client
                .schemas()
                .register(
                    "orders-value",
                    SchemaFormat.JSON,
                    """
                    {"type": "object", "properties": {"orderId": {"type": "string"}, "amount": {"type": "number"},
                     "items": {"type": "array", "items": {"type": "object"}}}, "required": ["orderId", "amount"]}"""));
    Schema latest = get(client.schemas().latest("orders-value"));
    assertThat(latest).isEqualTo(registered);
    assertThat(get(client.schemas().byId(latest.id().orElseThrow())).definition()).isEqualTo(registered.definition());
    get(client.schemas().setCompatibility(Compatibility.BACKWARD));
    assertThat(get(client.schemas().compatibility())).isEqualTo(Compatibility.BACKWARD);
    String stricter = "{\"type\": \"object\", \"properties\": {\"orderId\": {\"type\": \"string\"}}, \"required\": [\"orderId\", \"amount\", \"vat\"]}";
    assertThat(get(client.schemas().isCompatible("orders-value", SchemaFormat.JSON, stricter))).isFalse();
    assertThat(error(client.schemas().register("orders-value", SchemaFormat.JSON, stricter))).isInstanceOf(SchemaRejectedException.class);
  }

  @Test
  void theBackendIsHealthy() {
    assertThat(get(client.health().live())).isTrue();
    assertThat(get(client.health().ready())).isTrue();
    assertThat(get(client.health().report()).ready()).isTrue();
  }

  @Test
  void anErrorSaysWhatWhereAndWhatToDo() {
    TributaryException error = (TributaryException) error(client.stream("non-existent-topic").publish(new byte[] {1}));
    assertThat(error).isInstanceOf(NotFoundException.class).hasMessageContaining("non-existent-topic");
    assertThat(error.hint()).isNotBlank();
    assertThat(error.backend()).isEqualTo(client.config().backend());
  }

  /** A client of the backend, with whatever else it is told. */
  abstract Tributary connect(UnaryOperator<ClientConfig.Builder> more);

  private EventStream<String> topic(String name, int partitions) {
    get(client.admin().createStream(name, StreamConfig.partitions(partitions)));
    return client.stream(name, Codecs.text());
  }

  private JobQueue<String> queue(String name) {
    get(client.admin().createQueue(name, QueueConfig.DEFAULT));
    return client.queue(name, Codecs.text());
  }

  final Throwable error(CompletableFuture<?> call) {
    Throwable failure = catchThrowable(() -> get(call));
    return failure instanceof CompletionException ? failure.getCause() : failure;
  }

  final <R> R get(CompletableFuture<R> call) {
    await(call::isDone);
    return call.join();
  }

  final void pass(Duration duration) {
    Passage.of(time).pass(duration);
  }

  /** Lets time pass so slowly that a renewal arrives in time also on a busy machine. */
  private void passSlowly(Duration duration) {
    for (Duration left = duration; !left.isNegative() && !left.isZero(); left = left.minusMillis(50)) {
      time.advance(Duration.ofMillis(50));
      LockSupport.parkNanos(2_000_000);
    }
  }

  /** Lets time pass until this holds; the class's time limit says when it never will. */
  final void await(BooleanSupplier holds) {
    while (!holds.getAsBoolean()) {
      time.advance(Duration.ofMillis(10));
      LockSupport.parkNanos(1_000_000);
    }
  }
}
