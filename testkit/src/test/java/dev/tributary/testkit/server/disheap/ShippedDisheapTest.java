package dev.tributary.testkit.server.disheap;

import static dev.tributary.testkit.server.disheap.DisheapClient.credits;
import static dev.tributary.testkit.server.disheap.DisheapClient.filter;
import static dev.tributary.testkit.server.disheap.DisheapClient.heap;
import static dev.tributary.testkit.server.disheap.DisheapClient.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.RawClient;
import dev.tributary.testkit.server.ServerFaults;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.EnqueueBatchReq;
import dev.tributary.vertx.internal.disheap.proto.EnqueueBatchResp;
import dev.tributary.vertx.internal.disheap.proto.EnqueueResp;
import dev.tributary.vertx.internal.disheap.proto.HeapInfo;
import dev.tributary.vertx.internal.disheap.proto.HeapStats;
import dev.tributary.vertx.internal.disheap.proto.ListHeapsReq;
import dev.tributary.vertx.internal.disheap.proto.ListHeapsResp;
import dev.tributary.vertx.internal.disheap.proto.MakeHeapResp;
import dev.tributary.vertx.internal.disheap.proto.MoveToDlqReq;
import dev.tributary.vertx.internal.disheap.proto.PeekReq;
import dev.tributary.vertx.internal.disheap.proto.PopItem;
import dev.tributary.vertx.internal.disheap.proto.PurgeReq;
import dev.tributary.vertx.internal.disheap.proto.StatsReq;
import dev.tributary.vertx.internal.disheap.proto.StatsResp;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An engine whose parts are not connected, as it is shipped. */
@Timeout(60)
class ShippedDisheapTest {
  private final VirtualTime time = new VirtualTime();
  private EmbeddedServer server;
  private DisheapClient client;

  @BeforeEach
  void start() {
    server = EmbeddedServer.disheap().createOnFirstUse(false).emulate(Quirk.SHIPPED_DISHEAP).time(time).start();
    client = new DisheapClient(server);
    client.make("jobs");
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void storesEverythingAndDeduplicatesNothing() {
    var numbered = message("jobs", "a").setProducerId("").setEpoch(0).setSequence(1).setPartitionKey("k").setMaxRetries(0);
    EnqueueResp first = client.enqueue(numbered);
    EnqueueResp again = client.enqueue(numbered);
    assertThat(first.getMessageId()).matches("[0-9A-HJKMNP-TV-Z]{26}").isNotEqualTo(again.getMessageId());
    assertThat(again.getDuplicate()).isFalse();
    assertThat(client.peek(PeekReq.newBuilder().setTopic("jobs")).getItemsList()).isEmpty();
    StatsResp stats = client.raw.call(DisheapMethods.STATS, StatsReq.newBuilder().setTopic("no topic").build()).ok();
    assertThat(stats.getTopicStatsMap()).isEmpty();
    assertThat(stats.getGlobalStats().getTotalMessages()).isEqualTo(2);
    assertThat(stats.getGlobalStats().getTotalEnqueues()).isEqualTo(2);
    assertThat(client.raw.call(DisheapMethods.ENQUEUE, message("nowhere", "a").build()).status()).isEqualTo(GrpcStatus.NOT_FOUND);
  }

  @Test
  void storesNoMoreThanAMebibyteWhateverTheHeapAllows() {
    client.raw.call(DisheapMethods.MAKE_HEAP, heap("large").setMaxPayloadBytes(2 << 20).build()).ok();
    ByteString most = ByteString.copyFrom(new byte[1 << 20]);
    client.enqueue(message("large", "").setPayload(most));
    ByteString more = most.concat(ByteString.copyFromUtf8("a"));
    assertThat(client.raw.call(DisheapMethods.ENQUEUE, message("large", "").setPayload(more).build()).status())
        .isEqualTo(GrpcStatus.INTERNAL);
    assertThat(client.raw.call(DisheapMethods.ENQUEUE, message("jobs", "").setPayload(more).build()).status())
        .isEqualTo(GrpcStatus.INVALID_ARGUMENT);
  }

  @Test
  void aBatchStopsInTheMiddle() {
    EnqueueBatchReq.Builder batch =
        EnqueueBatchReq.newBuilder().addRequests(message("jobs", "a")).addRequests(message("nowhere", "b")).addRequests(message("jobs", "c"));
    RawClient.Reply<EnqueueBatchResp> failed = client.raw.call(DisheapMethods.ENQUEUE_BATCH, batch.build());
    assertThat(failed.status()).isEqualTo(GrpcStatus.INTERNAL);
    assertThat(failed.message()).contains("1").contains("NOT_FOUND");
    assertThat(global().getTotalMessages()).isEqualTo(1);
    EnqueueBatchResp stored = client.raw.call(DisheapMethods.ENQUEUE_BATCH, batch.removeRequests(1).build()).ok();
    assertThat(stored.getResponsesCount()).isEqualTo(2);
    assertThat(stored.getTransactionId()).isEmpty();
    assertThat(stored.getAllDuplicates()).isFalse();
    assertThat(client.raw.call(DisheapMethods.ENQUEUE_BATCH, batch.setTransactionId("t").build()).ok().getTransactionId()).isEqualTo("t");
  }

  @Test
  void makesUpTenMessagesASecondAndTakesEverySettlement() throws Exception {
    var stream = client.pop(filter("jobs"), credits(2));
    // It has heard of the stream when it answers what came after.
    client.peek(PeekReq.newBuilder().setTopic("jobs"));
    assertThat(stream.items).isEmpty();
    PopItem item = tick(stream);
    assertThat(item.getMessageId()).startsWith("msg_");
    assertThat(item.getPayload().toStringUtf8()).contains("jobs");
    assertThat(item.getPriority()).isEqualTo(100);
    assertThat(item.getLeaseDeadline().getSeconds()).isEqualTo(time.now().getEpochSecond() + 300);
    tick(stream);
    time.advance(Duration.ofSeconds(10));
    client.peek(PeekReq.newBuilder().setTopic("jobs"));
    assertThat(stream.items).isEmpty();
    stream.say(credits(5));
    stream.finish();
    assertThat(stream.ended()).isEqualTo(GrpcStatus.OK);
    assertThat(stream.items).isEmpty();
    PopItem invented = item.toBuilder().setLeaseToken("x").setMessageId("y").build();
    assertThat(client.ack(invented).status()).isEqualTo(GrpcStatus.OK);
    assertThat(client.ack(invented).status()).isEqualTo(GrpcStatus.OK);
    assertThat(client.nack(invented).status()).isEqualTo(GrpcStatus.OK);
    assertThat(client.extend(invented, 99_999).status()).isEqualTo(GrpcStatus.OK);
    assertThat(client.ack(invented.toBuilder().setLeaseToken("").build()).status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(client.ack(invented.toBuilder().setTopic("nowhere").build()).status()).isEqualTo(GrpcStatus.NOT_FOUND);
    assertThat(global().getTotalPops()).isEqualTo(2);
    assertThat(global().getTotalAcks()).isEqualTo(2);
    assertThat(global().getTotalNacks()).isEqualTo(1);
    assertThat(client.pop(filter("nowhere")).ended()).isEqualTo(GrpcStatus.NOT_FOUND);
    assertThat(client.pop(filter("no topic")).ended()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
  }

  private PopItem tick(RawClient.Stream<?, PopItem> stream) throws InterruptedException {
    time.advance(Duration.ofMillis(100));
    return stream.next();
  }

  @Test
  void hasNoPurgeAndMovesNothing() {
    client.enqueue("jobs", "a");
    assertThat(client.raw.call(DisheapMethods.PURGE, PurgeReq.newBuilder().setTopic("jobs").build()).status())
        .isEqualTo(GrpcStatus.UNIMPLEMENTED);
    assertThat(client.raw.call(DisheapMethods.PURGE, PurgeReq.newBuilder().setTopic("nowhere").build()).status())
        .isEqualTo(GrpcStatus.NOT_FOUND);
    assertThat(
            client.raw.call(DisheapMethods.MOVE_TO_DLQ, MoveToDlqReq.newBuilder().setTopic("jobs").setMessageId("x").build()).status())
        .isEqualTo(GrpcStatus.UNIMPLEMENTED);
    assertThat(client.raw.call(DisheapMethods.MOVE_TO_DLQ, MoveToDlqReq.newBuilder().setTopic("jobs").build()).status())
        .isEqualTo(GrpcStatus.INVALID_ARGUMENT);
  }

  @Test
  void listsWhatItHasTouchedSinceItRuns() {
    HeapInfo info = list().getHeaps(0);
    assertThat(info.hasDlqPolicy()).isFalse();
    assertThat(info.hasStats()).isFalse();
    server.stop();
    server.start();
    try (DisheapClient again = new DisheapClient(server)) {
      assertThat(again.raw.call(DisheapMethods.LIST_HEAPS, ListHeapsReq.getDefaultInstance()).ok().getHeapsList()).isEmpty();
      again.enqueue("jobs", "a");
      assertThat(again.raw.call(DisheapMethods.LIST_HEAPS, ListHeapsReq.getDefaultInstance()).ok().getHeapsCount()).isEqualTo(1);
    }
  }

  @Test
  void onlyALeaderMakesHeapsAndOthersSaySoInternally() {
    server.faults().play(ServerFaults.Role.FOLLOWER);
    RawClient.Reply<MakeHeapResp> refused = client.raw.call(DisheapMethods.MAKE_HEAP, heap("other").build());
    assertThat(refused.status()).isEqualTo(GrpcStatus.INTERNAL);
    assertThat(refused.message()).contains("not leader");
    client.enqueue("jobs", "a");
  }

  private ListHeapsResp list() {
    return client.raw.call(DisheapMethods.LIST_HEAPS, ListHeapsReq.getDefaultInstance()).ok();
  }

  private HeapStats global() {
    return client.raw.call(DisheapMethods.STATS, StatsReq.getDefaultInstance()).ok().getGlobalStats();
  }
}
