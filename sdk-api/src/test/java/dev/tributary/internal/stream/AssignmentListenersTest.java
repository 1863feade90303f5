package dev.tributary.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.config.ClientConfig;
import dev.tributary.internal.Client;
import dev.tributary.internal.ManualTime;
import dev.tributary.internal.ScriptedTransport;
import dev.tributary.internal.ScriptedTransport.Call;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

/** What listeners hear of partitions that come and go, and when. */
class AssignmentListenersTest {
  private final ScriptedTransport transport = new ScriptedTransport();
  private final ManualTime time = new ManualTime();
  private final Queue<Runnable> callbacks = new ArrayDeque<>();
  private final Client client =
      new Client(
          transport,
          ClientConfig.builder("scripted").time(time).callbackExecutor(callbacks::add).prefetch(8).timeout(Duration.ofSeconds(1)).build());
  private final List<String> news = new ArrayList<>();
  private Flow.Subscription subscription;
  private int ends;

  private void runCallbacks() {
    for (Runnable next = callbacks.poll(); next != null; next = callbacks.poll()) {
      next.run();
    }
  }

  private void assigned(Set<Integer> partitions) {
    news.add("+" + new TreeSet<>(partitions));
  }

  private void revoked(Set<Integer> partitions) {
    news.add("-" + new TreeSet<>(partitions));
  }

  private static void broken(Set<Integer> partitions) {
    throw new AssertionError("a listener that throws");
  }

  private CompletableFuture<Void> note(Message<byte[]> message) {
    news.add(message.partition() + ":" + message.offset());
    return CompletableFuture.completedFuture(null);
  }

  private static ConsumerOptions.Builder group() {
    return ConsumerOptions.builder().group("g");
  }

  private EventConsumer<byte[]> consumer(ConsumerOptions.Builder options) {
    return client.stream("s").consumer(options.build());
  }

  private EventConsumer<byte[]> listening() {
    return consumer(group().onAssigned(this::assigned).onRevoked(this::revoked));
  }

  private void subscribe(SubscribeOptions.Builder options, long demand) {
    client
        .stream("s")
        .subscribe(options.start(StartAt.earliest()).build())
        .subscribe(
            new Flow.Subscriber<>() {
              @Override
              public void onSubscribe(Flow.Subscription begun) {
                subscription = begun;
                begun.request(demand);
              }

              @Override
              public void onNext(Message<byte[]> message) {
                note(message);
              }

              @Override
              public void onError(Throwable error) {
                ends++;
              }

              @Override
              public void onComplete() {
                ends++;
              }
            });
    runCallbacks();
  }

  private void subscribe(long demand) {
    subscribe(SubscribeOptions.builder().onAssigned(this::assigned).onRevoked(this::revoked), demand);
  }

  private List<Call<?>> commits() {
    return transport.calls.stream().filter(call -> call.operation().equals("source commit")).toList();
  }

  // Consumers.

  @Test
  void aConsumerHearsOfAPartitionBeforeItsFirstMessage() {
    EventConsumer<byte[]> consumer = listening();
    consumer.forEach(this::note);
    transport.source().assign(0, 1);
    transport.source().deliver(0, 7);
    transport.source().deliver(1, 3);
    assertThat(news).as("on the callback executor only").isEmpty();
    runCallbacks();
    assertThat(news).startsWith("+[0, 1]").containsExactlyInAnyOrder("+[0, 1]", "0:7", "1:3");
    transport.source().revoke(1);
    transport.source().assign(2);
    transport.source().deliver(2, 0);
    runCallbacks();
    assertThat(news.subList(3, 6)).containsExactly("-[1]", "+[2]", "2:0");
  }

  @Test
  void aPollGetsNothingThatTheListenerDoesNotKnowOf() {
    List<List<Message<byte[]>>> polled = new ArrayList<>();
    EventConsumer<byte[]> consumer =
        consumer(group().onAssigned(partitions -> news.add("+" + partitions + " after " + polled.size() + " polls")));
    consumer.poll(10, Duration.ofMinutes(1)).thenAccept(polled::add);
    transport.source().assign(0);
    transport.source().deliver(0, 0);
    runCallbacks();
    assertThat(news).containsExactly("+[0] after 0 polls");
    assertThat(polled).hasSize(1);
  }

  @Test
  void aMemberWithoutPartitionsHearsThat() {
    listening();
    transport.source().assign();
    runCallbacks();
    assertThat(news).containsExactly("+[]");
  }

  @Test
  void aListenerMaySeekBeforeTheFirstMessageIsHandedOut() {
    List<EventConsumer<byte[]>> made = new ArrayList<>();
    EventConsumer<byte[]> consumer =
        consumer(
            group()
                .onAssigned(
                    partitions -> {
                      assigned(partitions);
                      made.get(0).seekToBeginning();
                    }));
    made.add(consumer);
    consumer.forEach(this::note);
    transport.source().assign(0);
    transport.source().deliver(0, 7);
    runCallbacks();
    assertThat(news).containsExactly("+[0]");
    transport.lastCall().succeed(Map.of(0, 0L));
    runCallbacks();
    transport.source().deliver(0, 0);
    runCallbacks();
    assertThat(news).containsExactly("+[0]", "0:0");
  }

  @Test
  void aConsumersListenersThatThrowHarmNothing() {
    EventConsumer<byte[]> consumer = consumer(group().onAssigned(AssignmentListenersTest::broken).onRevoked(AssignmentListenersTest::broken));
    CompletableFuture<Void> run = consumer.forEach(this::note);
    transport.source().assign(0, 1);
    transport.source().deliver(0, 0);
    runCallbacks();
    CompletableFuture<Void> handed = transport.source().observer.onRevoking(Set.of(0));
    runCallbacks();
    assertThat(commits()).hasSize(1);
    commits().get(0).succeed(null);
    assertThat(handed).isCompleted();
    transport.source().revoke(0);
    transport.source().deliver(1, 0);
    runCallbacks();
    assertThat(news).containsExactly("0:0", "1:0");
    assertThat(consumer.assignment()).containsExactly(1);
    assertThat(run).isNotDone();
  }

  @Test
  void beforeAPartitionGoesItsHandlerFinishesAndTheListenerIsToldAndThenItIsCommitted() {
    EventConsumer<byte[]> consumer = listening();
    CompletableFuture<Void> handling = new CompletableFuture<>();
    consumer.forEach(
        message -> {
          note(message);
          return message.partition() == 0 ? handling : CompletableFuture.completedFuture(null);
        });
    transport.source().assign(0, 1);
    transport.source().deliver(0, 0);
    transport.source().deliver(0, 1);
    runCallbacks();
    CompletableFuture<Void> handed = transport.source().observer.onRevoking(Set.of(0));
    runCallbacks();
    assertThat(news).containsExactly("+[0, 1]", "0:0");
    handling.complete(null);
    runCallbacks();
    assertThat(news).as("nothing more is handed out").containsExactly("+[0, 1]", "0:0", "-[0]");
    assertThat(handed).isNotDone();
    assertThat(commits()).hasSize(1);
    assertThat(commits().get(0).<Map<Integer, Long>>aboutAs()).isEqualTo(Map.of(0, 1L));
    commits().get(0).succeed(null);
    assertThat(handed).isCompleted();
    transport.source().revoke(0);
    runCallbacks();
    assertThat(news).as("told once").containsExactly("+[0, 1]", "0:0", "-[0]");
  }

  @Test
  void aHandlerThatDoesNotEndHoldsUpNoHandOver() {
    EventConsumer<byte[]> consumer = listening();
    consumer.forEach(message -> new CompletableFuture<>());
    transport.source().assign(0);
    transport.source().deliver(0, 0);
    runCallbacks();
    CompletableFuture<Void> handed = transport.source().observer.onRevoking(Set.of(0));
    time.advance(Duration.ofMillis(2_999));
    runCallbacks();
    assertThat(handed).isNotDone();
    time.advance(Duration.ofMillis(1));
    assertThat(handed).isCompleted();
  }

  // Subscriptions.

  @Test
  void aSubscriptionHearsOfPartitionsInOrderWithItsMessages() {
    subscribe(Long.MAX_VALUE);
    transport.source().assign(0);
    transport.source().deliver(0, 0);
    transport.source().revoke(0);
    transport.source().assign(0, 1);
    transport.source().deliver(0, 1);
    transport.source().deliver(1, 0);
    assertThat(news).as("on the callback executor only").isEmpty();
    runCallbacks();
    assertThat(news).containsExactly("+[0]", "0:0", "-[0]", "+[0, 1]", "0:1", "1:0");
  }

  @Test
  void whatIsRevokedBehindAMessageIsToldWhenThatWasTaken() {
    subscribe(1);
    transport.source().assign(0);
    transport.source().deliver(0, 0);
    transport.source().deliver(0, 1);
    CompletableFuture<Void> handed = transport.source().observer.onRevoking(Set.of(0));
    runCallbacks();
    assertThat(news).containsExactly("+[0]", "0:0");
    assertThat(handed).isNotDone();
    subscription.request(1);
    runCallbacks();
    assertThat(news).containsExactly("+[0]", "0:0", "0:1", "-[0]");
    assertThat(handed).isCompleted();
    transport.source().revoke(0);
    runCallbacks();
    assertThat(news).as("told once").hasSize(4);
  }

  @Test
  void aSubscriberThatTakesNothingHoldsUpNoHandOver() {
    subscribe(1);
    transport.source().assign(0);
    transport.source().deliver(0, 0);
    transport.source().deliver(0, 1);
    CompletableFuture<Void> handed = transport.source().observer.onRevoking(Set.of(0));
    runCallbacks();
    time.advance(Duration.ofMillis(2_999));
    assertThat(handed).isNotDone();
    time.advance(Duration.ofMillis(1));
    assertThat(handed).isCompleted();
  }

  @Test
  void aSubscriptionThatWasCancelledHoldsUpNoHandOver() {
    subscribe(1);
    transport.source().assign(0);
    transport.source().deliver(0, 0);
    transport.source().deliver(0, 1);
    CompletableFuture<Void> before = transport.source().observer.onRevoking(Set.of(0));
    runCallbacks();
    subscription.cancel();
    CompletableFuture<Void> after = transport.source().observer.onRevoking(Set.of(0));
    runCallbacks();
    assertThat(before).isCompleted();
    assertThat(after).isCompleted();
    assertThat(news).containsExactly("+[0]", "0:0");
  }

  @Test
  void aSubscriptionWithoutPartitionsHearsThat() {
    subscribe(1);
    transport.source().assign();
    runCallbacks();
    assertThat(news).containsExactly("+[]");
  }

  @Test
  void aSubscriptionsListenersThatThrowHarmNothing() {
    subscribe(SubscribeOptions.builder().onAssigned(AssignmentListenersTest::broken).onRevoked(AssignmentListenersTest::broken), 10);
    transport.source().assign(0);
    transport.source().deliver(0, 0);
    CompletableFuture<Void> handed = transport.source().observer.onRevoking(Set.of(0));
    runCallbacks();
    assertThat(handed).isCompleted();
    transport.source().revoke(0);
    transport.source().assign(1);
    transport.source().deliver(1, 0);
    runCallbacks();
    assertThat(news).containsExactly("0:0", "1:0");
    assertThat(ends).isZero();
  }
}
