package dev.tributary.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.Outcome;
import dev.tributary.codec.Codec;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.PartialFailureException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UndecodableException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.internal.Client;
import dev.tributary.internal.ManualTime;
import dev.tributary.internal.ScriptedTransport;
import dev.tributary.observe.Instrumentation;
import dev.tributary.observe.Observation;
import dev.tributary.observe.Operation;
import dev.tributary.replay.Replay;
import dev.tributary.replay.ReplayOptions;
import dev.tributary.spi.Limits;
import dev.tributary.spi.Steps;
import dev.tributary.spi.StreamTransport.ReplayCommand;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PublishTest {
  private final ScriptedTransport transport = new ScriptedTransport();
  private final ManualTime time = new ManualTime();
  private final EventStream<byte[]> stream = stream(Instrumentation.NONE);

  private EventStream<byte[]> stream(Instrumentation instrumentation) {
    return client(instrumentation).stream("s");
  }

  private Client client(Instrumentation instrumentation) {
    return new Client(
        transport,
        ClientConfig.builder("scripted")
            .time(time)
            .callbackExecutor(ClientConfig.INLINE)
            .timeout(Duration.ofSeconds(1))
            .instrumentation(instrumentation)
            .build());
  }

  private static Limits limits(int maxBatch, int maxBatchBytes, int maxPayload, int minPayload) {
    return new Limits(
        maxBatch, maxBatchBytes, maxPayload, minPayload, 5, Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofHours(1),
        Duration.ofHours(1), 0, Duration.ZERO);
  }

  private static TributaryException failureOf(CompletableFuture<?> call) {
    assertThat(call).isCompletedExceptionally();
    return (TributaryException) Steps.unwrap(catchThrowable(call::join));
  }

  private static TributaryException refused() {
    return new ConnectionFailedException(ErrorInfo.of("refused", ""));
  }

  private static TributaryException cut() {
    return new ConnectionFailedException(ErrorInfo.of("cut", "").maybeApplied(true));
  }

  private static List<Event<byte[]>> events(int count) {
    return IntStream.range(0, count).mapToObj(i -> Event.of(new byte[] {(byte) i})).toList();
  }

  @Test
  void bytesAreSentAsTheyAre() {
    byte[] value = {1, 2, 3};
    CompletableFuture<Position> published = stream.publish(value);
    List<Event<byte[]>> sent = transport.call(0).aboutAs();
    assertThat(sent.get(0).value()).isSameAs(value);
    transport.call(0).succeed(ScriptedTransport.stored(7, 1));
    assertThat(published).isCompletedWithValue(new Position(0, 7));
  }

  @Test
  void aSinglePublishThatWasRefusedUntouchedIsSentAgain() {
    CompletableFuture<Position> published = stream.publish(new byte[1]);
    transport.call(0).succeed(List.of(Outcome.failed(refused())));
    time.advance(Duration.ofMillis(100));
    transport.call(1).succeed(ScriptedTransport.stored(0, 1));
    assertThat(published).isCompletedWithValue(new Position(0, 0));
  }

  @Test
  void onlyADeduplicationIdMakesAnotherTrySafe() {
    CompletableFuture<Position> plain = stream.publish(new byte[1]);
    transport.call(0).fail(cut());
    assertThat(failureOf(plain).maybeApplied()).isTrue();
    stream.publish(Event.builder(new byte[1]).deduplicationId("id").build());
    transport.call(1).fail(cut());
    time.advance(Duration.ofMillis(100));
    assertThat(transport.calls).hasSize(3);
  }

  @Test
  void cancelReachesTheTransport() {
    stream.publish(new byte[1]).cancel(true);
    assertThat(transport.call(0).answer()).isCancelled();
    stream.publishAll(events(3)).cancel(true);
    assertThat(transport.call(1).answer()).isCancelled();
  }

  @Test
  void listsAreSplitInOrderByCountAndBytes() {
    transport.limits = limits(2, 1000, 1000, 0);
    CompletableFuture<List<Position>> published = stream.publishAll(events(5));
    for (int i = 0; i < 3; i++) {
      assertThat(transport.calls).hasSize(i + 1);
      List<Event<byte[]>> part = transport.call(i).aboutAs();
      transport.call(i).succeed(ScriptedTransport.stored(2L * i, part.size()));
    }
    assertThat(published.join()).extracting(Position::offset).containsExactly(0L, 1L, 2L, 3L, 4L);

    transport.limits = limits(100, 10, 10, 0);
    transport.calls.clear();
    stream.publishAll(List.of(Event.of(new byte[6]), Event.of(new byte[4]), Event.of(new byte[1])));
    assertThat(transport.call(0).<List<?>>aboutAs()).hasSize(2);
  }

  @Test
  void nothingIsSentForAnEmptyList() {
    assertThat(stream.publishAll(List.of()).join()).isEmpty();
    assertThat(transport.calls).isEmpty();
  }

  @Test
  void whatWasStoredAndWhatNotIsTold() {
    transport.limits = limits(2, 1000, 1000, 0);
    CompletableFuture<List<Position>> published = stream.publishAll(events(5));
    transport.call(0).succeed(ScriptedTransport.stored(0, 2));
    TributaryException why = new SchemaRejectedException(ErrorInfo.of("no", ""));
    transport.call(1).succeed(List.of(Outcome.of(new Position(0, 2)), Outcome.failed(why)));
    transport.call(2).succeed(ScriptedTransport.stored(4, 1));
    PartialFailureException failure = (PartialFailureException) failureOf(published);
    assertThat(failure.outcomes()).hasSize(5);
    assertThat(failure.outcomes().stream().map(Outcome::succeeded)).containsExactly(true, true, true, false, true);
    assertThat(failure.outcomes().get(3).error()).isSameAs(why);
    assertThat(transport.calls).hasSize(3);
    assertThat(failure).hasMessageContaining("4 of 5");
  }

  @Test
  void aFailureWithNothingStoredIsThatFailure() {
    CompletableFuture<List<Position>> published = stream.publishAll(events(2));
    TributaryException why = cut();
    transport.call(0).fail(why);
    assertThat(failureOf(published)).hasMessageEndingWith(why.getMessage());
  }

  @Test
  void aPartThatIsLostAfterOthersWereStoredIsPartial() {
    transport.limits = limits(1, 1000, 1000, 0);
    CompletableFuture<List<Position>> published = stream.publishAll(events(3));
    transport.call(0).succeed(ScriptedTransport.stored(0, 1));
    transport.call(1).fail(cut());
    PartialFailureException failure = (PartialFailureException) failureOf(published);
    assertThat(failure.outcomes().stream().map(Outcome::succeeded)).containsExactly(true, false, false);
    assertThat(failure.maybeApplied()).isTrue();
    assertThat(failure.outcomes().get(1).error().maybeApplied()).isTrue();
    assertThat(failure.outcomes().get(2).error().maybeApplied()).as("never sent").isFalse();
    assertThat(transport.calls).hasSize(2);
  }

  private record Bad(String what, java.util.function.Function<EventStream<byte[]>, CompletableFuture<?>> call) {
    @Override
    public String toString() {
      return what;
    }
  }

  static Stream<Bad> invalid() {
    Event<byte[]> none = null;
    List<Event<byte[]>> noList = null;
    return Stream.of(
        new Bad("null event", s -> s.publish(none)),
        new Bad("null value", s -> s.publish((byte[]) null)),
        new Bad("null list", s -> s.publishAll(noList)),
        new Bad("null in list", s -> s.publishAll(java.util.Arrays.asList(Event.of(new byte[1]), null))),
        new Bad("null in publisher", s -> s.publisher().publish((byte[]) null)),
        new Bad("too small", s -> s.publish(new byte[0])),
        new Bad("too long a delay", s -> s.publish(Event.builder(new byte[1]).delay(Duration.ofDays(1)).build())),
        new Bad("empty deduplication id", s -> s.publish(Event.builder(new byte[1]).deduplicationId("").build())),
        new Bad("negative partition", s -> s.read(-1, 0, 1)),
        new Bad("negative offset", s -> s.read(0, -1, 1)),
        new Bad("max 0", s -> s.read(0, 0, 0)),
        new Bad("commit without group", s -> s.commit("", new Position(0, 0))),
        new Bad("commit null group", s -> s.commit(null, new Position(0, 0))),
        new Bad("commit null position", s -> s.commit("g", null)),
        new Bad("commit negative offset", s -> s.commit("g", new Position(0, -1))),
        new Bad("commit negative partition", s -> s.commit("g", new Position(-1, 0))),
        new Bad("committed without group", s -> s.committed("", 0)),
        new Bad("committed negative partition", s -> s.committed("g", -1)),
        new Bad("latest of negative partition", s -> s.latestOffset(-1)),
        new Bad("state without group", s -> s.groupState("")),
        new Bad("replay null", s -> s.replays().create(null)),
        new Bad("replay without group", s -> s.replays().create(ReplayOptions.from("", 0))),
        new Bad("dead letters max 0", s -> s.deadLetters().list(0)),
        new Bad("dead letter without id", s -> s.deadLetters().replay("")));
  }

  @ParameterizedTest
  @MethodSource
  void invalid(Bad bad) {
    transport.limits = limits(10, 1000, 100, 1);
    TributaryException failure = failureOf(bad.call().apply(stream));
    assertThat(failure).isInstanceOf(InvalidRequestException.class);
    assertThat(failure.hint()).isNotEmpty();
    assertThat(failure.operation()).isNotEmpty();
    assertThat(transport.calls).isEmpty();
  }

  @Test
  void payloadsBeyondTheLimitAreRefused() {
    transport.limits = limits(10, 1000, 100, 1);
    assertThat(failureOf(stream.publish(new byte[101]))).isInstanceOf(PayloadTooLargeException.class);
    Event<byte[]> withHeaders = Event.builder(new byte[100]).header("h", "x".repeat(1000)).build();
    assertThat(failureOf(stream.publish(withHeaders))).isInstanceOf(PayloadTooLargeException.class);
    assertThat(transport.calls).isEmpty();
  }

  static Stream<Bad> unsupported() {
    return Stream.of(
        new Bad("event keys", s -> s.publish(Event.builder(new byte[1]).key("k").build())),
        new Bad("event headers", s -> s.publish(Event.builder(new byte[1]).header("h", "v").build())),
        new Bad("event partition", s -> s.publish(Event.builder(new byte[1]).partition(1).build())),
        new Bad("event priority", s -> s.publish(Event.builder(new byte[1]).priority(1).build())),
        new Bad("event delay", s -> s.publish(Event.builder(new byte[1]).delay(Duration.ofSeconds(1)).build())),
        new Bad("event ttl", s -> s.publish(Event.builder(new byte[1]).ttl(Duration.ofSeconds(1)).build())),
        new Bad("event deduplication", s -> s.publish(Event.builder(new byte[1]).deduplicationId("id").build())),
        new Bad("group listing", EventStream::groups),
        new Bad("replay", s -> s.replays().create(ReplayOptions.from("g", 0))),
        new Bad("replay", s -> s.replays().list()),
        new Bad("stream dead letters", s -> s.deadLetters().list(1)));
  }

  @ParameterizedTest
  @MethodSource
  void unsupported(Bad bad) {
    transport.capabilities = Set.of(Capability.STREAMS);
    TributaryException failure = failureOf(bad.call().apply(stream));
    assertThat(failure).isInstanceOf(UnsupportedFeatureException.class).hasMessageContaining(bad.what());
    assertThat(failure.backend()).isEqualTo("scripted");
    assertThat(failure.hint()).isNotEmpty();
    assertThat(transport.calls).isEmpty();
  }

  @Test
  void aBackendWithoutStreamsSaysSo() {
    transport.capabilities = EnumSet.noneOf(Capability.class);
    assertThat(catchThrowable(() -> stream(Instrumentation.NONE))).isInstanceOf(UnsupportedFeatureException.class);
  }

  @Test
  void durationsAreRoundedUpToWholeSteps() {
    transport.limits = limits(10, 1000, 100, 0);
    stream.publish(
        Event.builder(new byte[1]).delay(Duration.ofMillis(1)).ttl(Duration.ofMillis(1001)).key("k").header("h", "v").priority(3).build());
    Event<byte[]> sent = transport.call(0).<List<Event<byte[]>>>aboutAs().get(0);
    assertThat(sent.delay()).isEqualTo(Duration.ofSeconds(1));
    assertThat(sent.ttl()).isEqualTo(Duration.ofSeconds(2));
    assertThat(sent.key()).isEqualTo(EventKey.of("k"));
    assertThat(sent.headers()).containsEntry("h", "v");
    assertThat(sent.priority()).isEqualTo(3);
  }

  @Test
  void aCodecThatCannotEncodeIsTheCallersErrorAndOneThatCannotDecodeNamesThePosition() {
    Codec<String> broken =
        Codecs.of(
            value -> {
              throw new java.io.IOException("cannot write");
            },
            bytes -> {
              throw new java.io.IOException("cannot read");
            });
    EventStream<String> typed = client(Instrumentation.NONE).stream("s", broken);
    assertThat(failureOf(typed.publish("x"))).isInstanceOf(InvalidRequestException.class).hasRootCauseMessage("cannot write");
    transport.limits = limits(10, 1000, 100, 0);
    CompletableFuture<List<Message<String>>> read = typed.read(0, 0, 100);
    assertThat(transport.call(0).about()).isEqualTo(5);
    transport.call(0).succeed(List.of(ScriptedTransport.message(0, 42)));
    Message<String> message = read.join().get(0);
    assertThat(message.undecodable()).hasMessageContaining("offset=42").hasRootCauseMessage("cannot read");
    assertThatThrownBy(message::value).isInstanceOf(UndecodableException.class);
  }

  @Test
  void aCodecThatBreaksDownHangsNobody() {
    Codec<String> broken =
        Codecs.of(
            value -> {
              throw new StackOverflowError("deep");
            },
            bytes -> {
              throw new StackOverflowError("deep");
            });
    EventStream<String> typed = client(Instrumentation.NONE).stream("s", broken);
    assertThat(failureOf(typed.publish("x"))).isInstanceOf(InvalidRequestException.class);
    CompletableFuture<List<Message<String>>> read = typed.read(0, 0, 1);
    transport.call(0).succeed(List.of(ScriptedTransport.message(0, 42)));
    assertThat(read.join().get(0).undecodable()).isNotNull();
  }

  /** There are wires on which a header changes the value that the schema is for. */
  @Test
  void noTraceIsCarriedWithAnEventThatNamesItsSchema() {
    Observation traced =
        new Observation() {
          @Override
          public Map<String, String> headers() {
            return Map.of("traceparent", "t");
          }

          @Override
          public void end(Throwable error) {}
        };
    stream(operation -> traced).publish(Event.builder(new byte[1]).schema("s").build());
    Event<byte[]> sent = transport.call(0).<List<Event<byte[]>>>aboutAs().get(0);
    assertThat(sent.headers()).isEmpty();
    assertThat(sent.schema()).isEqualTo("default/default/s");
  }

  @Test
  void whatWatchesSeesSendsAndLinksReceivers() {
    List<Operation> seen = new ArrayList<>();
    List<String> ended = new ArrayList<>();
    EventStream<byte[]> watched =
        stream(
            operation -> {
              seen.add(operation);
              return new Observation() {
                @Override
                public Map<String, String> headers() {
                  return operation.kind() == Operation.Kind.SEND ? Map.of("traceparent", "t") : Map.of();
                }

                @Override
                public void end(Throwable error) {
                  ended.add(operation.kind() + ":" + error);
                }
              };
            });
    watched.publish(Event.builder(new byte[3]).header("h", "v").build());
    Event<byte[]> sent = transport.call(0).<List<Event<byte[]>>>aboutAs().get(0);
    assertThat(sent.headers()).isEqualTo(Map.of("h", "v", "traceparent", "t"));
    transport.call(0).succeed(ScriptedTransport.stored(0, 1));
    watched.read(0, 0, 1);
    transport.call(1).succeed(List.of(ScriptedTransport.message(0, 0)));
    watched.commit("g", new Position(0, 1));
    transport.call(2).succeed(null);
    assertThat(seen).extracting(Operation::kind).containsExactly(Operation.Kind.SEND, Operation.Kind.RECEIVE, Operation.Kind.SETTLE);
    assertThat(ended).containsExactly("SEND:null", "RECEIVE:null", "SETTLE:null");
    assertThat(seen.get(0).bytes()).hasValue(3);
  }

  @Test
  void anActiveReplayIsStoppedBeforeItIsDeleted() {
    Replay replay = replay(Replay.Status.CREATED);
    transport.calls.clear();
    CompletableFuture<Void> deleted = replay.delete();
    transport.call(0).succeed(state(Replay.Status.ACTIVE));
    assertThat(transport.call(1).about()).isEqualTo(ReplayCommand.STOP);
    transport.call(1).succeed(null);
    assertThat(transport.call(2).about()).isEqualTo(ReplayCommand.DELETE);
    assertThat(deleted).isNotDone();
    transport.call(2).succeed(null);
    assertThat(deleted).isCompleted();

    transport.calls.clear();
    CompletableFuture<Void> again = replay.delete();
    transport.call(0).succeed(state(Replay.Status.STOPPED));
    assertThat(transport.call(1).about()).isEqualTo(ReplayCommand.DELETE);
    again.cancel(true);
    assertThat(transport.call(1).answer()).isCancelled();
  }

  @Test
  void aReplayIsControlledByItsId() {
    Replay replay = replay(Replay.Status.CREATED);
    assertThat(replay.id()).isEqualTo("r1");
    transport.calls.clear();
    replay.start();
    replay.pause();
    replay.resume();
    replay.stop();
    assertThat(transport.calls)
        .extracting(ScriptedTransport.Call::about)
        .isEqualTo(List.of(ReplayCommand.START, ReplayCommand.PAUSE, ReplayCommand.RESUME, ReplayCommand.STOP));
  }

  private Replay replay(Replay.Status status) {
    CompletableFuture<Replay> made = stream.replays().create(ReplayOptions.from("g", 0));
    transport.lastCall().succeed(state(status));
    return made.join();
  }

  private static Replay.State state(Replay.Status status) {
    return new Replay.State("r1", "g", status, 0, 0, 0, Instant.EPOCH, null);
  }
}
