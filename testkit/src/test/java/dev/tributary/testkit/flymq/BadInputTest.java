package dev.tributary.testkit.flymq;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.tributary.EventStream;
import dev.tributary.Tributary;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.StreamConfig;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.TributaryException;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Position;
import dev.tributary.testkit.fault.Direction;
import dev.tributary.testkit.fault.FaultProxy;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.Quirk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** What a public server would misplace, cut off, turn into something else or go down by is refused before a byte is sent. */
@Timeout(120)
class BadInputTest {
  /** Of a value with its key and its headers: there is room for names beside it. */
  private static final int LARGEST = (32 << 20) - (256 << 10);

  private static final byte[] ONE = {1};

  private final EmbeddedServer server = EmbeddedServer.flymq().emulate(Quirk.SHIPPED_FLYMQ).start();
  private final FaultProxy proxy = FaultProxy.before(server.host(), server.port());
  /** One that takes answers as large as what it may send. */
  private final Tributary client =
      Tributary.connect(ClientConfig.builder("flymq").endpoint(proxy.host(), proxy.port()).maxMessageBytes(64 << 20).build());

  private final EventStream<byte[]> stream = client.stream("s");

  @BeforeEach
  void create() throws Exception {
    of(client.admin().createStream("s", StreamConfig.partitions(2)));
  }

  @AfterEach
  void stop() {
    client.close();
    proxy.close();
    assertThat(server.faults().crashes()).isZero();
    server.close();
  }

  private static DynamicTest test(String what, Runnable check) {
    return dynamicTest(what, check::run);
  }

  private DynamicTest refused(String what, Supplier<CompletableFuture<?>> call) {
    return test(
        what,
        () -> {
          long before = proxy.bytes(Direction.TO_SERVER);
          TributaryException error;
          try {
            error = failure(call.get());
          } catch (TributaryException thrown) {
            error = thrown;
          } catch (Exception stuck) {
            throw new AssertionError(stuck);
          }
          assertThat(error).isInstanceOfAny(InvalidRequestException.class, PayloadTooLargeException.class);
          assertThat(error.hint()).isNotBlank();
          assertThat(error.maybeApplied()).isFalse();
          assertThat(proxy.bytes(Direction.TO_SERVER)).as("what was sent").isEqualTo(before);
        });
  }

  @TestFactory
  List<DynamicTest> whatIsRefused() {
    List<DynamicTest> tests = new ArrayList<>();
    List<String> names =
        List.of(
            "", ".", "..", "../up", "a/../b", "/etc", "a\u0000b", "schemas", "raft", "cluster", "audit", "__hidden",
            "x".repeat(201), "x".repeat(1 << 16));
    for (String name : names) {
      String shown = name.length() > 20 ? name.length() + " characters" : name.replace('\u0000', '0');
      tests.add(refused("publish to " + shown, () -> client.stream(name).publish(ONE)));
      tests.add(refused("read of " + shown, () -> client.stream(name).read(0, 0, 1)));
      tests.add(refused("making of " + shown, () -> client.admin().createStream(name, StreamConfig.DEFAULT)));
      tests.add(refused("deletion of " + shown, () -> client.admin().delete(ResourceKind.STREAM, name)));
      tests.add(refused("schema " + shown, () -> client.schemas().register(name, SchemaFormat.JSON, "{}")));
    }
    for (int partition : new int[] {-1, Integer.MIN_VALUE}) {
      tests.add(refused("read of partition " + partition, () -> stream.read(partition, 0, 1)));
      tests.add(refused("end of partition " + partition, () -> stream.latestOffset(partition)));
      tests.add(refused("what is committed in partition " + partition, () -> stream.committed("g", partition)));
    }
    for (int partitions : new int[] {-1, 0, 10_001, Integer.MAX_VALUE}) {
      tests.add(refused(partitions + " partitions", () -> client.admin().createStream("new", StreamConfig.partitions(partitions))));
    }
    tests.add(refused("a group of 64 KiB", () -> stream.commit("g".repeat(1 << 16), new Position(0, 1))));
    tests.add(refused("a group that grows too long on the wire", () -> stream.commit("_".repeat(67), new Position(0, 1))));
    tests.add(refused("too much", () -> stream.publish(new byte[LARGEST + 1])));
    tests.add(refused("32 MiB and a byte more", () -> stream.publish(new byte[(32 << 20) + 1])));
    tests.add(refused("a byte of a key for which there is no room", () -> stream.publish(Event.builder(new byte[LARGEST]).key("k").build())));
    for (Duration delay : List.of(Duration.ofHours(24).plusMillis(1), Duration.ofMillis(9_223_372_036_855L), Duration.ofSeconds(Long.MAX_VALUE))) {
      tests.add(refused("a delay of " + delay, () -> stream.publish(Event.builder(ONE).delay(delay).build())));
    }
    tests.add(refused("a key beside a delay", () -> stream.publish(Event.builder(ONE).key("k").delay(Duration.ofSeconds(1)).build())));
    tests.add(refused("an empty definition", () -> client.schemas().register("s", SchemaFormat.JSON, "")));
    return tests;
  }

  @Test
  void partitionsThatAreNotThereAreNotMadeUp() throws Exception {
    for (int partition : new int[] {2, 1 << 20, Integer.MAX_VALUE}) {
      assertThat(failure(stream.read(partition, 0, 1))).isInstanceOf(InvalidRequestException.class);
      assertThat(failure(stream.latestOffset(partition))).isInstanceOf(InvalidRequestException.class);
      assertThat(failure(stream.commit("g", new Position(partition, 1)))).isInstanceOf(InvalidRequestException.class);
    }
    assertThat(of(stream.groups())).isEmpty();
  }

  @Test
  void theLargestIsTakenWithAKeyOf64KiB() throws Exception {
    String key = "k".repeat(1 << 16);
    byte[] large = new byte[LARGEST - key.length()];
    large[large.length - 1] = 7;
    Position place = of(stream.publish(Event.builder(large).key(key).build()));
    var read = of(stream.read(place.partition(), place.offset(), 1)).get(0);
    assertThat(read.key()).isEqualTo(EventKey.of(key));
    assertThat(read.value()).isEqualTo(large);
  }
}
