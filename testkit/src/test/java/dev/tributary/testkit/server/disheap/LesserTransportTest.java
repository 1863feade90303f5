package dev.tributary.testkit.server.disheap;

import static dev.tributary.testkit.server.disheap.DisheapClient.credits;
import static dev.tributary.testkit.server.disheap.DisheapClient.filter;
import static dev.tributary.testkit.server.disheap.DisheapClient.message;
import static dev.tributary.testkit.server.disheap.DisheapClient.seconds;
import static dev.tributary.testkit.server.disheap.DisheapClient.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.RawClient;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.EnqueueBatchReq;
import dev.tributary.vertx.internal.disheap.proto.ListHeapsReq;
import dev.tributary.vertx.internal.disheap.proto.PeekReq;
import dev.tributary.vertx.internal.disheap.proto.PopFilter;
import dev.tributary.vertx.internal.disheap.proto.PopItem;
import dev.tributary.vertx.internal.disheap.proto.UpdateHeapConfigReq;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Not every transport can do what the engine can. */
@Timeout(60)
class LesserTransportTest {
  private final VirtualTime time = new VirtualTime();
  private final MemoryEngine engine = MemoryEngine.builder().time(time).createOnFirstUse(false).build();
  private EmbeddedServer server;
  private DisheapClient client;

  private void start(Duration maxWait, Capability... lacks) {
    server =
        EmbeddedServer.disheap()
            .transport(new LesserTransport(engine.connect(), maxWait, lacks))
            .createOnFirstUse(false)
            .time(time)
            .start();
    client = new DisheapClient(server);
    client.make("jobs");
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
    engine.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 3600})
  void isAskedAgainAndAgainHoweverLongItWaits(int maxWait) throws Exception {
    start(Duration.ofSeconds(maxWait));
    for (int i = 0; i < 10; i++) {
      client.enqueue("jobs", "m" + i);
    }
    var stream = client.pop(filter("jobs"), credits(4));
    for (int i = 0; i < 4; i++) {
      assertNext(stream, "m" + i);
    }
    stream.say(credits(7));
    for (int i = 4; i < 10; i++) {
      assertNext(stream, "m" + i);
    }
    client.enqueue("jobs", "late");
    while (stream.items.isEmpty()) {
      time.advance(Duration.ofMillis(100));
      // Gives it its turn, so that the clock does not run away.
      client.peek(PeekReq.newBuilder().setTopic("jobs"));
    }
    assertNext(stream, "late");
    stream.say(credits(1), filter("jobs"));
    stream.finish();
    assertThat(stream.ended()).isEqualTo(GrpcStatus.OK);
    client.enqueue("jobs", "after");
    assertThat(text(client.receive("jobs"))).isEqualTo("after");
  }

  private void assertNext(RawClient.Stream<?, PopItem> stream, String payload) throws InterruptedException {
    PopItem item = stream.next();
    assertThat(text(item)).isEqualTo(payload);
    assertThat(client.ack(item).status()).isEqualTo(GrpcStatus.OK);
  }

  @Test
  void aStreamThatIsCancelledTakesNoMore() throws Exception {
    start(Duration.ofSeconds(5));
    client.enqueue("jobs", "a");
    var stream = client.pop(filter("jobs"), credits(3));
    assertThat(text(stream.next())).isEqualTo("a");
    stream.cancel();
    for (int i = 0; i < 5; i++) {
      client.enqueue("jobs", "m" + i);
      assertThat(text(client.receive("jobs"))).isEqualTo("m" + i);
    }
  }

  @Test
  void durationsAreWholeSteps() {
    start(Duration.ofSeconds(5));
    client.enqueue(message("jobs", "a").setNotBefore(seconds(0).toBuilder().setNanos(1)));
    assertThat(client.receive("jobs", 1)).isEmpty();
    time.advance(Duration.ofMillis(999));
    assertThat(client.receive("jobs", 1)).isEmpty();
    time.advance(Duration.ofMillis(1));
    var stream =
        client.raw.sayAll(
            DisheapMethods.POP_STREAM,
            credits(1),
            filter(PopFilter.newBuilder().setTopic("jobs").setVisibilityTimeout(seconds(1).toBuilder().setNanos(1))));
    assertThat(stream.ended()).isEqualTo(GrpcStatus.OK);
    assertThat(stream.items.remove().getLeaseDeadline().getSeconds()).isEqualTo(time.now().getEpochSecond() + 2);
  }

  @Test
  void aNumberIsADeduplicationIdWhereNumbersAreNotKept() {
    start(Duration.ofSeconds(5), Capability.PRODUCER_SEQUENCES);
    var numbered = message("jobs", "a").setProducerId("p").setEpoch(1).setSequence(1);
    String id = client.enqueue(numbered).getMessageId();
    assertThat(client.enqueue(numbered).getDuplicate()).isTrue();
    assertThat(client.enqueue(numbered).getMessageId()).isEqualTo(id);
    assertThat(client.enqueue(numbered.setEpoch(11).setSequence(1)).getDuplicate()).isFalse();
    assertThat(client.enqueue(numbered.setEpoch(1).setSequence(11)).getDuplicate()).isFalse();
  }

  @Test
  void saysWhatItCannotDo() {
    start(
        Duration.ofSeconds(5),
        Capability.JOB_PRIORITY,
        Capability.JOB_DELAY,
        Capability.JOB_MAX_ATTEMPTS,
        Capability.PEEK,
        Capability.PURGE,
        Capability.LEASE_EXTENSION,
        Capability.ATOMIC_ENQUEUE,
        Capability.TRANSACTIONAL_ENQUEUE,
        Capability.QUEUE_SETTINGS);
    client.make("other");
    assertThat(client.raw.call(DisheapMethods.ENQUEUE, message("jobs", "a").setPriority(1).build()).status())
        .isEqualTo(GrpcStatus.UNIMPLEMENTED);
    assertThat(client.raw.call(DisheapMethods.ENQUEUE, message("jobs", "a").setNotBefore(seconds(1)).build()).status())
        .isEqualTo(GrpcStatus.UNIMPLEMENTED);
    assertThat(client.raw.call(DisheapMethods.ENQUEUE, message("jobs", "a").setMaxRetries(1).build()).status())
        .isEqualTo(GrpcStatus.UNIMPLEMENTED);
    assertThat(client.raw.call(DisheapMethods.PEEK, PeekReq.newBuilder().setTopic("jobs").build()).status())
        .isEqualTo(GrpcStatus.UNIMPLEMENTED);
    assertThat(
            client.raw.call(
                    DisheapMethods.UPDATE_HEAP_CONFIG,
                    UpdateHeapConfigReq.newBuilder().setTopic("jobs").setMaxRetriesDefault(1).build())
                .status())
        .isEqualTo(GrpcStatus.UNIMPLEMENTED);
    client.enqueue("jobs", "a");
    assertThat(client.extend(client.receive("jobs"), 1).status()).isEqualTo(GrpcStatus.UNIMPLEMENTED);
    var one = EnqueueBatchReq.newBuilder().addRequests(message("jobs", "b"));
    assertThat(client.raw.call(DisheapMethods.ENQUEUE_BATCH, one.build()).status()).isEqualTo(GrpcStatus.OK);
    assertThat(client.raw.call(DisheapMethods.ENQUEUE_BATCH, one.addRequests(message("jobs", "c")).build()).status())
        .isEqualTo(GrpcStatus.FAILED_PRECONDITION);
    var two = EnqueueBatchReq.newBuilder().addRequests(message("jobs", "d")).addRequests(message("other", "e"));
    assertThat(client.raw.call(DisheapMethods.ENQUEUE_BATCH, two.build()).status()).isEqualTo(GrpcStatus.FAILED_PRECONDITION);
    assertThat(client.receive("jobs", 9)).extracting(DisheapClient::text).containsExactly("b");
  }

  @Test
  void findsQueuesThatCannotBeListedByAskingForThem() {
    start(Duration.ofSeconds(5), Capability.LIST_RESOURCES);
    assertThat(client.raw.call(DisheapMethods.ENQUEUE, message("nowhere", "a").build()).status()).isEqualTo(GrpcStatus.NOT_FOUND);
    client.enqueue("jobs", "a");
    assertThat(client.raw.call(DisheapMethods.LIST_HEAPS, ListHeapsReq.getDefaultInstance()).ok().getHeapsCount()).isEqualTo(1);
  }
}
