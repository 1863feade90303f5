package dev.tributary.testkit.flymq;

import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.EventStream;
import dev.tributary.Tributary;
import dev.tributary.admin.StreamConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.stream.Event;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import dev.tributary.testkit.fault.Direction;
import dev.tributary.testkit.fault.FaultProxy;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.wire.Received;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many calls on one connection, and what becomes of them where it breaks: every answer is its caller's, and every record is read once, as it was. */
@Timeout(240)
class PipelineTest {
  private static final int MANY = 100_000;
  private static final int AT_ONCE = 1_000;

  private final EmbeddedServer server = EmbeddedServer.flymq().start();
  private final FaultProxy proxy = FaultProxy.before(server.host(), server.port());
  private final Tributary client = connect();
  private final EventStream<String> stream = client.stream("s", Codecs.text());

  private Tributary connect() {
    return Tributary.connect(ClientConfig.builder("flymq").endpoint(proxy.host(), proxy.port()).timeout(Duration.ofMinutes(3)).build());
  }

  @AfterEach
  void stop() {
    client.close();
    proxy.close();
    server.close();
  }

  private void create(int partitions) throws Exception {
    of(client.admin().createStream("s", StreamConfig.partitions(partitions)));
  }

  @Test
  void everyAnswerIsItsCallersWithErrorsAmongThem() throws Exception {
    create(1);
    int known = 1_000;
    of(stream.publishAll(IntStream.range(0, known).mapToObj(i -> Event.of("v" + i)).toList()));
    Semaphore free = new Semaphore(AT_ONCE);
    AtomicReference<Throwable> wrong = new AtomicReference<>();
    AtomicInteger answered = new AtomicInteger();
    for (int i = 0; i < MANY; i++) {
      int number = i;
      free.acquire();
      call(number, number % known)
          .whenComplete(
              (right, error) -> {
                if (error != null) {
                  wrong.compareAndSet(null, error);
                }
                answered.incrementAndGet();
                free.release();
              });
    }
    free.acquire(AT_ONCE);
    assertThat(wrong.get()).isNull();
    assertThat(answered).hasValue(MANY);
    assertThat(proxy.connections()).as("one for what stores, one for what asks").isEqualTo(2);
    Set<Integer> published = new HashSet<>();
    long end = of(stream.latestOffset(0)).orElseThrow() + 1;
    for (long offset = known; offset < end; ) {
      for (Message<String> message : of(stream.read(0, offset, 1_000))) {
        assertThat(published.add(Integer.valueOf(message.value()))).isTrue();
        offset = message.offset() + 1;
      }
    }
    assertThat(published).hasSize(MANY / 5);
  }

  /** Each of five kinds, which checks its own answer. */
  private CompletableFuture<?> call(int number, int place) {
    return switch (number % 5) {
      case 0 -> stream.publish(String.valueOf(number)).thenAccept(position -> assertThat(position.partition()).isZero());
      case 1 -> stream.read(0, place, 1).thenAccept(read -> assertThat(read.get(0).value()).isEqualTo("v" + place));
      case 2 ->
          client
              .stream("missing-" + number)
              .read(0, 0, 1)
              .handle(
                  (read, error) -> {
                    assertThat(error).isInstanceOf(NotFoundException.class).hasMessageContaining("missing-" + number);
                    return null;
                  });
      case 3 ->
          stream
              .read(number, 0, 1)
              .handle(
                  (read, error) -> {
                    assertThat(error).isInstanceOf(InvalidRequestException.class).hasMessageContaining("partition " + number + " ");
                    return null;
                  });
      default -> {
        String group = "g" + number % 100;
        yield stream
            .commit(group, new Position(0, place))
            .thenCompose(done -> stream.partitions())
            .thenAccept(partitions -> assertThat(partitions).isEqualTo(1));
      }
    };
  }

  @Test
  void readersAtTheEndSeeEveryRecordOnceWhileItIsWritten() throws Exception {
    int partitions = 2;
    create(partitions);
    List<Received<Message<String>>> readers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Received<Message<String>> reader = new Received<>();
      stream.subscribe(SubscribeOptions.from(StartAt.earliest())).subscribe(reader);
      readers.add(reader);
    }
    int writers = 4;
    int each = MANY / writers;
    Semaphore free = new Semaphore(AT_ONCE);
    Map<Integer, CompletableFuture<Position>> places = new HashMap<>();
    try (Tributary other = connect()) {
      EventStream<String> elsewhere = other.stream("s", Codecs.text());
      for (int i = 0; i < each * writers; i++) {
        free.acquire();
        CompletableFuture<Position> publishing = (i % 2 == 0 ? stream : elsewhere).publish(value(i));
        publishing.whenComplete((place, error) -> free.release());
        places.put(i, publishing);
      }
      free.acquire(AT_ONCE);
    }
    Map<Position, String> stored = new HashMap<>();
    for (Map.Entry<Integer, CompletableFuture<Position>> one : places.entrySet()) {
      stored.put(of(one.getValue()), value(one.getKey()));
    }
    assertThat(stored).hasSize(MANY);
    for (Received<Message<String>> reader : readers) {
      for (int count = AT_ONCE; count <= MANY; count += AT_ONCE) {
        reader.await(count);
      }
      Map<Position, String> read = new HashMap<>();
      Map<Integer, Long> next = new HashMap<>();
      for (Message<String> message : reader.all(message -> message)) {
        assertThat(message.offset()).as("the next of its partition").isEqualTo(next.getOrDefault(message.partition(), 0L));
        next.put(message.partition(), message.offset() + 1);
        read.put(message.position(), message.value());
      }
      assertThat(read).isEqualTo(stored);
    }
  }

  private static String value(int number) {
    return number + ":" + "x".repeat(number % 200);
  }

  /** The requests of five events, and then their answers, are cut at every byte. */
  @ParameterizedTest
  @EnumSource(Direction.class)
  void aConnectionMayBreakAtAnyByte(Direction direction) throws Exception {
    create(1);
    int events = 5;
    of(stream.publish("warm"));
    long from = proxy.bytes(direction);
    of(stream.publishAll(numbered("w", events)));
    int length = Math.toIntExact(proxy.bytes(direction) - from);
    Set<String> confirmed = new HashSet<>();
    Set<String> doubtful = new HashSet<>();
    for (int cut = 0; cut <= length; cut++) {
      List<String> values = valuesOf(cut, events);
      proxy.cutAfter(cut, direction);
      List<CompletableFuture<Position>> publishing = values.stream().map(stream::publish).toList();
      for (int i = 0; i < events; i++) {
        try {
          of(publishing.get(i));
          confirmed.add(values.get(i));
        } catch (ExecutionException failed) {
          TributaryException error = (TributaryException) failed.getCause();
          assertThat(error.maybeApplied()).as("what was surely not stored is published again: %s", error).isTrue();
          doubtful.add(values.get(i));
        }
      }
      proxy.heal();
      // What only asks is asked again, wherever it was cut.
      proxy.cutAfter(cut, direction);
      assertThat(of(stream.read(0, 0, 1)).get(0).value()).isEqualTo("warm");
      proxy.heal();
    }
    assertThat(doubtful).isNotEmpty();
    List<String> stored = new ArrayList<>();
    for (List<Message<String>> page = of(stream.read(0, 0, 1_000)); !page.isEmpty(); page = of(stream.read(0, stored.size(), 1_000))) {
      page.forEach(message -> stored.add(message.value()));
    }
    assertThat(stored).doesNotHaveDuplicates().containsAll(confirmed);
    confirmed.addAll(doubtful);
    confirmed.add("warm");
    numbered("w", events).forEach(event -> confirmed.add(event.value()));
    assertThat(confirmed).containsAll(stored);
  }

  private static List<String> valuesOf(int cut, int count) {
    return IntStream.range(0, count).mapToObj(i -> "cut" + cut + "-" + i).toList();
  }

  private static List<Event<String>> numbered(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> Event.of(prefix + i)).toList();
  }
}
