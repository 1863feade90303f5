package dev.tributary.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.tuple;

import dev.tributary.Capability;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.ResourceName;
import dev.tributary.SubscriptionState;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.codec.Codec;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.CloseTimeoutException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.PermissionDeniedException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.internal.Client;
import dev.tributary.internal.ManualTime;
import dev.tributary.internal.ScriptedTransport;
import dev.tributary.internal.ScriptedTransport.Call;
import dev.tributary.internal.ScriptedTransport.FakeSource;
import dev.tributary.spi.Steps;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.StreamMessage;
import dev.tributary.stream.StreamSelection;
import dev.tributary.stream.StreamsConsumer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a consumer of several streams does beyond what the contract can see: its bounds, its looks at what there is, and its ends. */
class ManyConsumerTest {
  private static final Duration NOW = Duration.ZERO;
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final Duration EVERY = Duration.ofSeconds(30);

  private final ScriptedTransport transport = new ScriptedTransport();
  private final ManualTime time = new ManualTime();
  private final Queue<Runnable> callbacks = new ArrayDeque<>();
  private final List<ResourceName> joined = new ArrayList<>();
  private final List<ResourceName> left = new ArrayList<>();
  private final List<TributaryException> failures = new ArrayList<>();
  private final List<SubscriptionState> states = new ArrayList<>();
  private final StreamSelection pattern =
      StreamSelection.builder().matching("s.+").onJoined(joined::add).onLeft(left::add).onRefreshFailed(failures::add).build();
  private final Client client =
      new Client(
          transport,
          ClientConfig.builder("scripted")
              .time(time)
              .callbackExecutor(callbacks::add)
              .prefetch(8)
              .prefetchBytes(8000)
              .timeout(Duration.ofSeconds(1))
              .build());

  private void runCallbacks() {
    for (Runnable next = callbacks.poll(); next != null; next = callbacks.poll()) {
      next.run();
    }
  }

  private void advance(Duration by) {
    time.advance(by);
    runCallbacks();
  }

  private StreamsConsumer<byte[]> consumer(StreamSelection selection) {
    return client.consumer(selection, ConsumerOptions.builder().group("g").manualCommit().onState(states::add).build());
  }

  /** One that has had its first look, and found these. */
  private StreamsConsumer<byte[]> consumerOf(String... names) {
    StreamsConsumer<byte[]> consumer = consumer(pattern);
    look(names);
    return consumer;
  }

  private static ResourceName name(String text) {
    return ResourceName.parse(text, "default", "default");
  }

  private Call<?> looking() {
    assertThat(transport.lastCall().operation()).isEqualTo("list");
    assertThat(transport.lastCall().answer()).isNotDone();
    return transport.lastCall();
  }

  /** Answers the look under way. */
  private void look(String... names) {
    looking().succeed(Arrays.stream(names).map(name -> new ResourceInfo(ResourceKind.STREAM, name(name), 1, null)).toList());
    runCallbacks();
  }

  private long looks() {
    return transport.calls.stream().filter(call -> call.operation().equals("list")).count();
  }

  private FakeSource source(String name) {
    return transport.sources.stream().filter(source -> source.spec.stream().equals(name(name)) && !source.isClosing()).findFirst().orElseThrow();
  }

  private FakeSource live(String name) {
    FakeSource source = source(name);
    source.assign(0);
    source.state(SubscriptionState.LIVE);
    runCallbacks();
    return source;
  }

  private List<StreamMessage<byte[]>> poll(StreamsConsumer<byte[]> consumer, int max) {
    CompletableFuture<List<StreamMessage<byte[]>>> polled = consumer.poll(max, NOW);
    runCallbacks();
    return polled.join();
  }

  private Throwable failureOf(CompletableFuture<?> call) {
    runCallbacks();
    assertThat(call).isCompletedExceptionally();
    return Steps.unwrap(catchThrowable(call::join));
  }

  private static NotFoundException deleted() {
    return new NotFoundException(ErrorInfo.of("deleted", "Use another"));
  }

  private static PermissionDeniedException denied() {
    return new PermissionDeniedException(ErrorInfo.of("denied", "Ask for it"));
  }

  // The bound.

  @Test
  void thePrefetchIsSharedByAllAsTheyComeAndGo() {
    StreamsConsumer<byte[]> consumer = consumerOf("s.a", "s.b");
    FakeSource a = live("s.a");
    FakeSource b = live("s.b");
    assertThat(a.demand).isEqualTo(4);
    assertThat(b.demand).isEqualTo(4);
    consumer.refresh();
    look("s.a", "s.b", "s.c", "s.d");
    assertThat(source("s.c").demand).isEqualTo(2);
    assertThat(source("s.d").demand).isEqualTo(2);
    a.deliverUpTo(0, 0, 2);
    assertThat(a.observer.room()).as("more was asked for before, and has no room now").isNotPositive();
    List<Long> before = List.copyOf(a.requests);
    poll(consumer, 8);
    assertThat(a.observer.room()).isPositive();
    assertThat(a.requests).as("it is told of the room").hasSizeGreaterThan(before.size());
    List.of("s.b", "s.c", "s.d").forEach(name -> source(name).end(deleted()));
    runCallbacks();
    assertThat(consumer.assignment()).containsOnlyKeys(name("s.a"));
    assertThat(a.demand).as("all of it").isEqualTo(8);
  }

  @Test
  void theBytesAreSharedByAll() {
    StreamsConsumer<byte[]> consumer = consumerOf("s.a", "s.b");
    assertThat(live("s.a").observer.room()).isEqualTo(4000);
    consumer.refresh();
    look("s.a", "s.b", "s.c", "s.d");
    assertThat(source("s.a").observer.room()).isEqualTo(2000);
    assertThat(source("s.d").observer.room()).isEqualTo(2000);
  }

  @Test
  void eachStreamHasAtLeastOneMessage() {
    String[] many = IntStream.range(0, 20).mapToObj(i -> "s." + i).toArray(String[]::new);
    consumerOf(many);
    assertThat(transport.sources).hasSize(20).allMatch(source -> source.demand == 1);
  }

  // Looking what there is.

  @Test
  void itLooksEveryNowAndThenAndWhenAsked() {
    StreamsConsumer<byte[]> consumer = consumerOf("s.a");
    advance(EVERY.minusMillis(1));
    assertThat(looks()).isEqualTo(1);
    advance(Duration.ofMillis(1));
    assertThat(looks()).isEqualTo(2);
    look("s.a");
    advance(Duration.ofSeconds(10));
    consumer.refresh();
    assertThat(looks()).isEqualTo(3);
    look("s.a");
    advance(EVERY.minusMillis(1));
    assertThat(looks()).isEqualTo(3);
  }

  @Test
  void aLookUnderWayMayHaveMissedWhatItsCallersKnow() {
    StreamsConsumer<byte[]> consumer = consumer(pattern);
    CompletableFuture<Void> one = consumer.refresh();
    CompletableFuture<Void> two = consumer.refresh();
    look();
    assertThat(one).isNotDone();
    assertThat(looks()).isEqualTo(2);
    look("s.a");
    assertThat(one).isCompleted();
    assertThat(two).isCompleted();
    assertThat(looks()).isEqualTo(2);
    assertThat(consumer.assignment()).containsOnlyKeys(name("s.a"));
  }

  @Test
  void aLookThatFailsChangesNothingAndShows() {
    StreamsConsumer<byte[]> consumer = consumerOf("s.a");
    live("s.a");
    assertThat(consumer.state()).isEqualTo(SubscriptionState.LIVE);
    CompletableFuture<Void> refresh = consumer.refresh();
    looking().fail(denied());
    assertThat(failureOf(refresh)).isInstanceOf(PermissionDeniedException.class);
    assertThat(consumer.state()).isEqualTo(SubscriptionState.RECONNECTING);
    assertThat(failures).hasSize(1);
    assertThat(consumer.assignment()).containsOnlyKeys(name("s.a"));
    advance(EVERY);
    look("s.a");
    assertThat(consumer.state()).isEqualTo(SubscriptionState.LIVE);
    assertThat(states).containsExactly(SubscriptionState.LIVE, SubscriptionState.RECONNECTING, SubscriptionState.LIVE);
  }

  @Test
  void aFirstLookThatNothingCanMendEndsIt() {
    StreamsConsumer<byte[]> consumer = consumer(pattern);
    CompletableFuture<List<StreamMessage<byte[]>>> poll = consumer.poll(1, LONG);
    looking().fail(denied());
    assertThat(failureOf(poll)).isInstanceOf(PermissionDeniedException.class);
    assertThat(consumer.state()).isEqualTo(SubscriptionState.CLOSED);
    advance(EVERY);
    assertThat(looks()).isEqualTo(1);
  }

  @Test
  void aStreamIsMissedTwiceBeforeItIsGone() {
    StreamsConsumer<byte[]> consumer = consumerOf("s.a", "s.b");
    live("s.a");
    live("s.b");
    consumer.refresh();
    look("s.a");
    assertThat(consumer.assignment()).hasSize(2);
    consumer.refresh();
    look("s.a", "s.b");
    consumer.refresh();
    look("s.a");
    assertThat(consumer.assignment()).hasSize(2);
    consumer.refresh();
    look("s.a");
    assertThat(consumer.assignment()).containsOnlyKeys(name("s.a"));
    assertThat(left).containsExactly(name("s.b"));
  }

  @Test
  void whatComesBeginsSoThatNothingIsMissed() {
    StreamsConsumer<byte[]> consumer =
        client.consumer(pattern, ConsumerOptions.builder().group("g").manualCommit().start(StartAt.committedElseLatest()).build());
    look("s.a");
    assertThat(source("s.a").spec.start()).isEqualTo(StartAt.committedElseLatest());
    consumer.refresh();
    look("s.a", "s.b");
    assertThat(source("s.b").spec.start()).isEqualTo(StartAt.committed());
    live("s.b").end(deleted());
    runCallbacks();
    consumer.refresh();
    look("s.a", "s.b");
    assertThat(transport.source().spec.start()).as("another stream of the same name").isEqualTo(StartAt.earliest());
    client.consumer(pattern, ConsumerOptions.builder().build()).refresh();
    look("s.a");
    assertThat(transport.source().spec.start()).isEqualTo(StartAt.latest());
    look("s.a", "s.c");
    assertThat(transport.source().spec.start()).isEqualTo(StartAt.earliest());
  }

  @Test
  void aStreamThatIsFoundWhileItLeavesComesAgain() {
    StreamsConsumer<byte[]> consumer = consumerOf("s.a");
    FakeSource a = live("s.a");
    CompletableFuture<Void> handled = new CompletableFuture<>();
    consumer.forEach(message -> handled);
    a.deliver(0, 0);
    runCallbacks();
    consumer.refresh();
    look();
    consumer.refresh();
    look();
    assertThat(left).as("a handler is at work").isEmpty();
    consumer.refresh();
    look("s.a");
    handled.complete(null);
    runCallbacks();
    assertThat(left).containsExactly(name("s.a"));
    live("s.a");
    assertThat(transport.sources).hasSize(2);
    assertThat(joined).containsExactly(name("s.a"), name("s.a"));
  }

  @Test
  void whatIsNamedIsNotLookedUp() {
    consumer(StreamSelection.of("s.a")).refresh();
    assertThat(looks()).isZero();
    transport.capabilities = EnumSet.complementOf(EnumSet.of(Capability.LIST_RESOURCES));
    consumer(StreamSelection.of("s.a"));
    assertThatThrownBy(() -> consumer(pattern)).isInstanceOf(UnsupportedFeatureException.class);
  }

  @Test
  void optionsThatNoStreamCouldBeReadWithAreRefusedBeforeOneIsFound() {
    assertThatThrownBy(() -> client.consumer(pattern, ConsumerOptions.builder().start(StartAt.committed()).build()))
        .isInstanceOf(InvalidRequestException.class);
    assertThat(looks()).isZero();
  }

  // Handing out.

  @Test
  void aPollWhoseMessageIsGoneBeforeItIsTakenWaitsOn() {
    List<Runnable> whileDecoding = new ArrayList<>();
    Codec<String> codec =
        new Codec<>() {
          @Override
          public byte[] encode(String value) throws Exception {
            return Codecs.text().encode(value);
          }

          @Override
          public String decode(byte[] bytes) throws Exception {
            whileDecoding.forEach(Runnable::run);
            whileDecoding.clear();
            return Codecs.text().decode(bytes);
          }
        };
    StreamsConsumer<String> consumer = client.consumer(StreamSelection.of("s.a", "s.b"), codec, ConsumerOptions.group("g"));
    FakeSource a = live("s.a");
    FakeSource b = live("s.b");
    CompletableFuture<List<StreamMessage<String>>> poll = consumer.poll(1, LONG);
    whileDecoding.add(() -> a.revoke(0));
    a.deliver(0, 0);
    runCallbacks();
    assertThat(poll).isNotDone();
    b.deliver(0, 3);
    runCallbacks();
    assertThat(poll.join()).extracting(StreamMessage::stream, StreamMessage::value).containsExactly(tuple(name("s.b"), "0:3"));

    CompletableFuture<List<StreamMessage<String>>> cancelled = consumer.poll(1, LONG);
    whileDecoding.add(() -> cancelled.cancel(true));
    b.deliver(0, 4);
    runCallbacks();
    assertThat(cancelled).isCancelled();
    CompletableFuture<List<StreamMessage<String>>> next = consumer.poll(1, NOW);
    runCallbacks();
    assertThat(next.join()).extracting(StreamMessage::value).containsExactly("0:4");
  }

  @Test
  void aStreamThatCannotBeReadOnEndsItAfterWhatItHad() {
    StreamsConsumer<byte[]> consumer = consumerOf("s.a", "s.b");
    FakeSource a = live("s.a");
    FakeSource b = live("s.b");
    b.deliver(0, 0);
    a.deliver(0, 0);
    a.end(denied());
    runCallbacks();
    assertThat(consumer.state()).isEqualTo(SubscriptionState.CLOSED);
    assertThat(poll(consumer, 10)).extracting(StreamMessage::stream).containsExactly(name("s.a"));
    PermissionDeniedException error = (PermissionDeniedException) failureOf(consumer.poll(10, LONG));
    assertThat(error.resource()).isEqualTo(name("s.a").toString());
    assertThat(failureOf(consumer.forEach(message -> CompletableFuture.completedFuture(null)))).isInstanceOf(PermissionDeniedException.class);
  }

  @Test
  void aRunThatIsOverGivesNothingUpInAnyStream() {
    StreamsConsumer<byte[]> consumer =
        client.consumer(
            StreamSelection.of("s.a", "s.b"), ConsumerOptions.builder().group("g").redelivery(RedeliveryPolicy.maxAttempts(1)).build());
    CompletableFuture<Void> handling = new CompletableFuture<>();
    CompletableFuture<Void> run = consumer.forEach(message -> handling);
    // Told of the end before the streams are.
    run.whenComplete((done, error) -> handling.completeExceptionally(new IllegalStateException("cancelled")));
    live("s.a").deliver(0, 0);
    live("s.b").deliver(0, 0);
    runCallbacks();
    run.cancel(true);
    runCallbacks();
    assertThat(transport.calls).extracting(Call::operation).doesNotContain("add dead letter");
    assertThat(consumer.position(name("s.a"), 0)).hasValue(0);
  }

  @Test
  void aStreamThatIsDeletedWhileItsMessageIsBuriedLeavesTheOthersAlone() {
    StreamsConsumer<byte[]> consumer =
        client.consumer(pattern, ConsumerOptions.builder().group("g").redelivery(RedeliveryPolicy.maxAttempts(1)).build());
    look("s.a", "s.b");
    List<ResourceName> handled = new ArrayList<>();
    CompletableFuture<Void> run =
        consumer.forEach(
            message -> {
              handled.add(message.stream());
              return message.stream().equals(name("s.a"))
                  ? CompletableFuture.failedFuture(new IllegalStateException("cannot"))
                  : CompletableFuture.completedFuture(null);
            });
    FakeSource a = live("s.a");
    a.deliver(0, 0);
    runCallbacks();
    transport.calls.stream().filter(call -> call.operation().equals("add dead letter")).findFirst().orElseThrow().fail(deleted());
    runCallbacks();
    a.end(deleted());
    live("s.b").deliver(0, 0);
    runCallbacks();
    assertThat(run).isNotDone();
    assertThat(handled).containsExactly(name("s.a"), name("s.b"));
  }

  @Test
  void aPolicyThatCannotBeCarriedOutIsRefusedBeforeAStreamIsFound() {
    transport.capabilities.remove(Capability.DEAD_LETTER_ADD);
    ConsumerOptions options = ConsumerOptions.builder().redelivery(RedeliveryPolicy.DEFAULT).build();
    assertThatThrownBy(() -> client.consumer(pattern, options)).isInstanceOf(UnsupportedFeatureException.class);
  }

  @Test
  void aStreamThatCannotBeReadOnFailsTheHandlersRun() {
    StreamsConsumer<byte[]> consumer = consumerOf("s.a", "s.b");
    FakeSource a = live("s.a");
    FakeSource b = live("s.b");
    List<ResourceName> handled = new ArrayList<>();
    CompletableFuture<Void> run =
        consumer.forEach(
            message -> {
              handled.add(message.stream());
              return CompletableFuture.completedFuture(null);
            });
    a.end(denied());
    assertThat(failureOf(run)).isInstanceOf(PermissionDeniedException.class);
    b.deliver(0, 0);
    runCallbacks();
    assertThat(handled).isEmpty();
  }

  @Test
  void aRunThatIsCancelledHandsOutNothingMore() {
    StreamsConsumer<byte[]> consumer = consumerOf("s.a");
    FakeSource a = live("s.a");
    List<ResourceName> handled = new ArrayList<>();
    consumer
        .forEach(
            message -> {
              handled.add(message.stream());
              return CompletableFuture.completedFuture(null);
            })
        .cancel(true);
    a.deliver(0, 0);
    runCallbacks();
    assertThat(handled).isEmpty();
    assertThat(poll(consumer, 1)).hasSize(1);
  }

  // Closing.

  @Test
  void theClientClosesIt() {
    StreamsConsumer<byte[]> consumer = consumerOf("s.a", "s.b");
    FakeSource a = live("s.a");
    FakeSource b = live("s.b");
    CompletableFuture<Void> run = consumer.forEach(message -> CompletableFuture.completedFuture(null));
    CompletableFuture<Void> refresh = consumer.refresh();
    client.closeAsync();
    runCallbacks();
    assertThat(run).isCompleted();
    assertThat(failureOf(refresh)).isInstanceOf(ClientClosedException.class);
    assertThat(a.isClosing()).isTrue();
    assertThat(b.isClosing()).isTrue();
    assertThat(consumer.state()).isEqualTo(SubscriptionState.CLOSED);
    assertThatThrownBy(() -> consumer(StreamSelection.of("s.a"))).isInstanceOf(ClientClosedException.class);
  }

  @Test
  void oneThatLeavesIsBoundByTheCloseOfTheWhole() {
    StreamsConsumer<byte[]> consumer = consumerOf("s.a");
    FakeSource a = live("s.a");
    consumer.forEach(message -> new CompletableFuture<>());
    a.deliver(0, 0);
    runCallbacks();
    consumer.refresh();
    look();
    consumer.refresh();
    look();
    CompletableFuture<Void> closed = consumer.closeAsync(Duration.ofSeconds(1));
    advance(Duration.ofMillis(999));
    assertThat(closed).isNotDone();
    advance(Duration.ofMillis(1));
    assertThat(((CloseTimeoutException) failureOf(closed)).unfinished()).first().asString().contains("s.a", "offset 0");
  }

  @Test
  void aPollThatWaitsEndsWithIt() {
    StreamsConsumer<byte[]> consumer = consumerOf("s.a");
    CompletableFuture<List<StreamMessage<byte[]>>> poll = consumer.poll(1, LONG);
    consumer.closeAsync();
    assertThat(failureOf(poll)).isInstanceOf(ClientClosedException.class);
    advance(EVERY.multipliedBy(3));
    assertThat(looks()).isEqualTo(1);
  }
}
