package dev.tributary.testkit.server.disheap;

import static dev.tributary.testkit.server.disheap.DisheapClient.heap;
import static dev.tributary.testkit.server.disheap.DisheapClient.message;
import static dev.tributary.testkit.server.disheap.DisheapClient.seconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.ResourceName;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.ResourceKind;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.RawClient;
import dev.tributary.vertx.internal.disheap.proto.DLQPolicy;
import dev.tributary.vertx.internal.disheap.proto.DeleteHeapReq;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.HeapInfo;
import dev.tributary.vertx.internal.disheap.proto.HeapStats;
import dev.tributary.vertx.internal.disheap.proto.ListHeapsReq;
import dev.tributary.vertx.internal.disheap.proto.ListHeapsResp;
import dev.tributary.vertx.internal.disheap.proto.MakeHeapReq;
import dev.tributary.vertx.internal.disheap.proto.Mode;
import dev.tributary.vertx.internal.disheap.proto.PeekItem;
import dev.tributary.vertx.internal.disheap.proto.PeekReq;
import dev.tributary.vertx.internal.disheap.proto.PeekResp;
import dev.tributary.vertx.internal.disheap.proto.PopItem;
import dev.tributary.vertx.internal.disheap.proto.PurgeReq;
import dev.tributary.vertx.internal.disheap.proto.StatsReq;
import dev.tributary.vertx.internal.disheap.proto.StatsResp;
import dev.tributary.vertx.internal.disheap.proto.UpdateHeapConfigReq;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HeapRpcsTest {
  private final VirtualTime time = new VirtualTime();
  private EmbeddedServer server;
  private DisheapClient client;

  @BeforeEach
  void start() {
    server = EmbeddedServer.disheap().createOnFirstUse(false).time(time).start();
    client = new DisheapClient(server);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void makesAHeapAndShowsItAsItWasMade() {
    MakeHeapReq wanted =
        heap("jobs")
            .setMode(Mode.MIN)
            .setPartitions(4)
            .setReplicationFactor(2)
            .setTopKBound(7)
            .setMaxRetriesDefault(9)
            .setMaxPayloadBytes(1000)
            .setCompressionEnabled(true)
            .setDlqPolicy(DLQPolicy.newBuilder().setEnabled(true).setRetentionTime(seconds(99)))
            .build();
    var made = client.raw.call(DisheapMethods.MAKE_HEAP, wanted).ok();
    assertThat(made.getTopic()).isEqualTo("jobs");
    assertThat(made.getHeapId()).isEqualTo("jobs-" + time.now().getEpochSecond());
    HeapInfo info = list(0, "").getHeaps(0);
    assertThat(info.getMode()).isEqualTo(Mode.MIN);
    assertThat(info.getPartitions()).isEqualTo(4);
    assertThat(info.getReplicationFactor()).isEqualTo(2);
    assertThat(info.getTopKBound()).isEqualTo(7);
    assertThat(info.getRetentionTime()).isEqualTo(seconds(86_400));
    assertThat(info.getVisibilityTimeoutDefault()).isEqualTo(seconds(60));
    assertThat(info.getMaxRetriesDefault()).isEqualTo(9);
    assertThat(info.getMaxPayloadBytes()).isEqualTo(1000);
    assertThat(info.getCompressionEnabled()).isTrue();
    assertThat(info.getDlqPolicy()).isEqualTo(wanted.getDlqPolicy());
    assertThat(info.getCreatedAt().getSeconds()).isEqualTo(time.now().getEpochSecond());
    assertThat(client.raw.call(DisheapMethods.MAKE_HEAP, wanted).status()).isEqualTo(GrpcStatus.ALREADY_EXISTS);
  }

  @Test
  void whatWasSaidOfAHeapHoldsForItsQueue() {
    client.raw.call(
            DisheapMethods.MAKE_HEAP,
            heap("jobs").setPartitions(4).setDlqPolicy(DLQPolicy.newBuilder().setEnabled(true).setRetentionTime(seconds(99))).build())
        .ok();
    QueueConfig config = RawClient.get(admin().queueConfig(home("jobs"), deadline()));
    assertThat(config.partitions()).isEqualTo(4);
    assertThat(config.lease()).isEqualTo(Duration.ofSeconds(60));
    assertThat(config.retention()).isEqualTo(Duration.ofDays(1));
    assertThat(config.maxAttempts()).hasValue(4);
    assertThat(config.deadLetterRetention()).isEqualTo(Duration.ofSeconds(99));
  }

  @Test
  void refusesHeapsBeyondTheLimits() {
    refuses(heap -> heap.setTopic(""));
    refuses(heap -> heap.setTopic("a b"));
    refuses(heap -> heap.setTopic("ä"));
    refuses(heap -> heap.setTopic("x".repeat(256)));
    refuses(heap -> heap.setPartitions(0));
    refuses(heap -> heap.setPartitions(1001));
    refuses(heap -> heap.setReplicationFactor(0));
    refuses(heap -> heap.setPartitions(10).setReplicationFactor(8));
    refuses(heap -> heap.setReplicationFactor(2));
    refuses(heap -> heap.setTopKBound(0));
    refuses(heap -> heap.setTopKBound(10_001));
    refuses(heap -> heap.clearRetentionTime());
    refuses(heap -> heap.setRetentionTime(seconds(-1)));
    refuses(heap -> heap.setRetentionTime(seconds(365 * 86_400 + 1)));
    refuses(heap -> heap.setRetentionTime(seconds(Long.MAX_VALUE)));
    refuses(heap -> heap.clearVisibilityTimeoutDefault());
    refuses(heap -> heap.setVisibilityTimeoutDefault(seconds(12 * 3600 + 1)));
    refuses(heap -> heap.setMaxPayloadBytes(0));
    refuses(heap -> heap.setMaxPayloadBytes((256L << 20) + 1));
    refuses(heap -> heap.setDlqPolicy(DLQPolicy.newBuilder().setRetentionTime(seconds(0))));
    assertThat(list(0, "").getHeapsList()).isEmpty();
  }

  private void refuses(UnaryOperator<MakeHeapReq.Builder> change) {
    assertThat(client.raw.call(DisheapMethods.MAKE_HEAP, change.apply(heap("jobs")).build()).status())
        .isEqualTo(GrpcStatus.INVALID_ARGUMENT);
  }

  @Test
  void deletesAHeapWithItsDeadLettersIfItIsForced() {
    client.make("jobs");
    client.enqueue(message("jobs", "a").setMaxRetries(0));
    client.nackNow(client.receive("jobs"));
    assertThat(client.peek(PeekReq.newBuilder().setTopic("jobs").setIncludeDlq(true)).getItemsCount()).isEqualTo(1);
    assertThat(delete("jobs", false)).isEqualTo(GrpcStatus.FAILED_PRECONDITION);
    assertThat(delete("nowhere", true)).isEqualTo(GrpcStatus.NOT_FOUND);
    assertThat(delete("", true)).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(delete("jobs", true)).isEqualTo(GrpcStatus.OK);
    assertThat(delete("jobs", true)).isEqualTo(GrpcStatus.NOT_FOUND);
    assertThat(list(0, "").getHeapsList()).isEmpty();
    client.make("jobs");
    assertThat(client.peek(PeekReq.newBuilder().setTopic("jobs").setIncludeDlq(true)).getItemsCount()).isZero();
  }

  private GrpcStatus delete(String topic, boolean force) {
    return client.raw.call(DisheapMethods.DELETE_HEAP, DeleteHeapReq.newBuilder().setTopic(topic).setForce(force).build()).status();
  }

  @Test
  void changesWhatAnUpdateSaysAndNothingElse() {
    client.make("jobs");
    time.advance(Duration.ofSeconds(5));
    assertThat(update(UpdateHeapConfigReq.newBuilder().setMaxRetriesDefault(0).setVisibilityTimeoutDefault(seconds(7))))
        .isEqualTo(GrpcStatus.OK);
    HeapInfo info = list(0, "").getHeaps(0);
    assertThat(info.getMaxRetriesDefault()).isZero();
    assertThat(info.getRetentionTime()).isEqualTo(seconds(86_400));
    assertThat(info.getUpdatedAt().getSeconds()).isEqualTo(info.getCreatedAt().getSeconds() + 5);
    client.enqueue("jobs", "a");
    PopItem item = client.receive("jobs");
    assertThat(item.getLeaseDeadline().getSeconds()).isEqualTo(time.now().getEpochSecond() + 7);
    client.nackNow(item);
    assertThat(client.receive("jobs", 1)).isEmpty();

    assertThat(update(UpdateHeapConfigReq.newBuilder().setMaxPayloadBytes(3))).isEqualTo(GrpcStatus.OK);
    assertThat(client.raw.call(DisheapMethods.ENQUEUE, message("jobs", "four").build()).status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(update(UpdateHeapConfigReq.newBuilder())).isEqualTo(GrpcStatus.OK);
    assertThat(update(UpdateHeapConfigReq.newBuilder().setMaxPayloadBytes(0))).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(update(UpdateHeapConfigReq.newBuilder().setRetentionTime(seconds(0)))).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(
            client.raw.call(DisheapMethods.UPDATE_HEAP_CONFIG, UpdateHeapConfigReq.newBuilder().setTopic("nowhere").build()).status())
        .isEqualTo(GrpcStatus.NOT_FOUND);
  }

  private GrpcStatus update(UpdateHeapConfigReq.Builder request) {
    return client.raw.call(DisheapMethods.UPDATE_HEAP_CONFIG, request.setTopic("jobs").build()).status();
  }

  @Test
  void listsHeapsByTopicAPageAtATime() {
    for (String topic : List.of("c", "a", "d", "b")) {
      client.make(topic);
    }
    client.enqueue("b", "x");
    ListHeapsResp first = list(3, "");
    assertThat(first.getHeapsList()).extracting(HeapInfo::getTopic).containsExactly("a", "b", "c");
    assertThat(first.getHeaps(1).getStats().getTotalMessages()).isEqualTo(1);
    ListHeapsResp second = list(3, first.getNextPageToken());
    assertThat(second.getHeapsList()).extracting(HeapInfo::getTopic).containsExactly("d");
    assertThat(second.getNextPageToken()).isEmpty();
    assertThat(list(0, "nonsense").getHeapsCount()).isEqualTo(4);
    assertThat(list(-1, "").getHeapsCount()).isEqualTo(4);
    assertThat(list(1, "99").getHeapsList()).isEmpty();
  }

  @Test
  void servesQueuesThatWereMadeElsewhere() {
    ResourceName queue = new ResourceName("acme", "prod", "jobs");
    RawClient.get(admin().createQueue(queue, QueueConfig.builder().lease(Duration.ofSeconds(9)).maxAttempts(2).build(), deadline()));
    HeapInfo info = list(0, "").getHeaps(0);
    assertThat(info.getTopic()).isEqualTo("acme__prod__jobs");
    assertThat(info.getMode()).isEqualTo(Mode.MAX);
    assertThat(info.getMaxRetriesDefault()).isEqualTo(1);
    client.enqueue("acme__prod__jobs", "a");
    PopItem item = client.receive("acme__prod__jobs");
    assertThat(item.getLeaseDeadline().getSeconds()).isEqualTo(time.now().getEpochSecond() + 9);
    client.nackNow(item);
    client.nackNow(client.receive("acme__prod__jobs"));
    // Its dead letters are a queue too, but not a heap.
    assertThat(RawClient.get(admin().list(ResourceKind.QUEUE, deadline()))).hasSize(2);
    assertThat(list(0, "").getHeapsCount()).isEqualTo(1);
    assertThat(client.raw.call(DisheapMethods.PEEK, PeekReq.newBuilder().setTopic("acme__prod__jobs-dlq").build()).status())
        .isEqualTo(GrpcStatus.NOT_FOUND);
    RawClient.get(admin().delete(ResourceKind.QUEUE, queue, deadline()));
    assertThat(client.raw.call(DisheapMethods.PEEK, PeekReq.newBuilder().setTopic("acme__prod__jobs").build()).status())
        .isEqualTo(GrpcStatus.NOT_FOUND);
  }

  @Test
  void forgetsWhatWasDeletedElsewhere() {
    client.raw.call(DisheapMethods.MAKE_HEAP, heap("jobs").setMode(Mode.MIN).build()).ok();
    RawClient.get(admin().delete(ResourceKind.QUEUE, home("jobs"), deadline()));
    assertThat(client.raw.call(DisheapMethods.ENQUEUE, message("jobs", "a").build()).status()).isEqualTo(GrpcStatus.NOT_FOUND);
    client.make("jobs");
    client.enqueue("jobs", "a");
  }

  @Test
  void maySeeHeapsLate() {
    server.faults().lag(Duration.ofMillis(300));
    client.make("jobs");
    assertThat(client.raw.call(DisheapMethods.ENQUEUE, message("jobs", "a").build()).status()).isEqualTo(GrpcStatus.NOT_FOUND);
    assertThat(list(0, "").getHeapsList()).isEmpty();
    assertThat(client.raw.call(DisheapMethods.MAKE_HEAP, heap("jobs").build()).status()).isEqualTo(GrpcStatus.ALREADY_EXISTS);
    time.advance(Duration.ofMillis(300));
    client.enqueue("jobs", "a");
    assertThat(list(0, "").getHeapsCount()).isEqualTo(1);
  }

  @Test
  void anEngineMayGoDownFromABadTopic() {
    try (EmbeddedServer brittle = EmbeddedServer.disheap().emulate(Quirk.BAD_TOPIC_FAILS).time(time).start();
        DisheapClient other = new DisheapClient(brittle)) {
      assertThat(other.raw.call(DisheapMethods.ENQUEUE, message("a b", "x").build()).status()).isEqualTo(GrpcStatus.UNAVAILABLE);
      assertThat(other.raw.call(DisheapMethods.ENQUEUE, message("", "x").build()).status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
      assertThat(other.raw.call(DisheapMethods.MAKE_HEAP, heap("a b").build()).status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    }
  }

  @Test
  void makesHeapsOnFirstUseUnlessItOnlyLooks() {
    try (EmbeddedServer creating = EmbeddedServer.disheap().createOnFirstUse(true).time(time).start();
        DisheapClient other = new DisheapClient(creating)) {
      assertThat(other.raw.call(DisheapMethods.PEEK, PeekReq.newBuilder().setTopic("jobs").build()).status())
          .isEqualTo(GrpcStatus.NOT_FOUND);
      assertThat(other.receive("jobs", 1)).isEmpty();
      other.enqueue("jobs", "a");
      assertThat(other.receive("jobs").getMaxRetries()).isEqualTo(3);
      assertThat(other.raw.call(DisheapMethods.ENQUEUE, message("no name", "a").build()).status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    }
  }

  @Test
  void peeksAtTheBestWithoutTakingThem() {
    client.make("jobs");
    client.enqueue(message("jobs", "low").setPriority(-1));
    client.enqueue(message("jobs", "high").setPriority(5).setProducerId("p").setEpoch(2).setSequence(3));
    client.enqueue(message("jobs", "dead").setPriority(9).setMaxRetries(0));
    client.nackNow(client.receive("jobs"));
    PeekResp one = client.peek(PeekReq.newBuilder().setTopic("jobs").setLimit(1));
    assertThat(one.getHasMore()).isTrue();
    PeekItem high = one.getItems(0);
    assertThat(high.getPayload().toStringUtf8()).isEqualTo("high");
    assertThat(high.getPriority()).isEqualTo(5);
    assertThat(high.getProducerId()).isEqualTo("p");
    assertThat(high.getEpoch()).isEqualTo(2);
    assertThat(high.getSequence()).isEqualTo(3);
    assertThat(high.getIsLeased()).isFalse();
    assertThat(high.hasLeaseDeadline()).isFalse();
    assertThat(high.getMaxRetries()).isEqualTo(3);
    PeekResp all = client.peek(PeekReq.newBuilder().setTopic("jobs").setLimit(3).setIncludeDlq(true));
    assertThat(all.getItemsList()).extracting(item -> item.getPayload().toStringUtf8()).containsExactly("dead", "high", "low");
    assertThat(all.getHasMore()).isFalse();
    PeekResp dead = client.peek(PeekReq.newBuilder().setTopic("jobs").setLimit(1).setIncludeDlq(true));
    assertThat(dead.getItemsList()).extracting(PeekItem::getInDlq).containsExactly(true);
    assertThat(dead.getHasMore()).isTrue();
    client.receive("jobs");
    PeekItem leased = client.peek(PeekReq.newBuilder().setTopic("jobs").setLimit(2)).getItems(1);
    assertThat(leased.getIsLeased()).isTrue();
    assertThat(leased.getLeaseDeadline().getSeconds()).isEqualTo(time.now().getEpochSecond() + 60);
    assertThat(leased.getAttempts()).isEqualTo(1);
  }

  @Test
  void peeksAtTenUnlessToldOtherwiseAndNeverAtMoreThanAHundred() {
    client.make("jobs");
    for (int i = 0; i < 101; i++) {
      client.enqueue("jobs", "m" + i);
    }
    assertThat(client.peek(PeekReq.newBuilder().setTopic("jobs")).getItemsCount()).isEqualTo(10);
    PeekResp most = client.peek(PeekReq.newBuilder().setTopic("jobs").setLimit(1000));
    assertThat(most.getItemsCount()).isEqualTo(100);
    assertThat(most.getHasMore()).isTrue();
  }

  @Test
  void purgesWhatNobodyHasIfItIsForced() {
    client.make("jobs");
    client.enqueue("jobs", "a");
    client.enqueue("jobs", "b");
    PopItem item = client.receive("jobs");
    assertThat(purge(PurgeReq.newBuilder())).isEqualTo(GrpcStatus.FAILED_PRECONDITION);
    assertThat(purge(PurgeReq.newBuilder().setForce(true).setPartitionId(1))).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(purge(PurgeReq.newBuilder().setForce(true))).isEqualTo(GrpcStatus.OK);
    assertThat(client.receive("jobs", 1)).isEmpty();
    assertThat(client.ack(item).status()).isEqualTo(GrpcStatus.OK);
  }

  private GrpcStatus purge(PurgeReq.Builder request) {
    return client.raw.call(DisheapMethods.PURGE, request.setTopic("jobs").build()).status();
  }

  @Test
  void countsMessagesAndWhatBecameOfThem() {
    client.make("jobs");
    client.make("other");
    client.enqueue("other", "x");
    for (String payload : List.of("acked", "nacked", "lapsed", "waits")) {
      client.enqueue("jobs", payload);
    }
    client.enqueue(message("jobs", "dead").setMaxRetries(0).setPriority(1));
    client.nackNow(client.receive("jobs"));
    client.ack(client.receive("jobs"));
    client.nackNow(client.receive("jobs"));
    assertThat(client.receive("jobs", 2)).hasSize(2);
    HeapStats stats = stats(StatsReq.newBuilder().setTopic("jobs")).getTopicStatsOrThrow("jobs");
    assertThat(stats.getTotalMessages()).isEqualTo(3);
    assertThat(stats.getInflightMessages()).isEqualTo(2);
    assertThat(stats.getDlqMessages()).isEqualTo(1);
    assertThat(stats.getTotalEnqueues()).isEqualTo(5);
    assertThat(stats.getTotalPops()).isEqualTo(5);
    assertThat(stats.getTotalAcks()).isEqualTo(1);
    assertThat(stats.getTotalNacks()).isEqualTo(2);
    assertThat(stats.getTotalTimeouts()).isZero();
    assertThat(stats.getPartitionStatsOrThrow(0).getMessages()).isEqualTo(3);
    assertThat(stats.getPartitionStatsOrThrow(0).getInflight()).isEqualTo(2);
    assertThat(stats.getPartitionStatsOrThrow(0).getIsHealthy()).isTrue();
    time.advance(Duration.ofMinutes(10));
    assertThat(client.receive("jobs", 9)).hasSize(3);
    StatsResp all = stats(StatsReq.newBuilder());
    assertThat(all.getTopicStatsMap()).containsOnlyKeys("jobs", "other");
    assertThat(all.getTopicStatsOrThrow("jobs").getTotalTimeouts()).isEqualTo(2);
    assertThat(all.getTopicStatsOrThrow("jobs").getTotalRetries()).isEqualTo(3);
    assertThat(all.getGlobalStats().getTotalMessages()).isEqualTo(4);
    assertThat(all.getGlobalStats().getTotalEnqueues()).isEqualTo(6);
    assertThat(client.raw.call(DisheapMethods.STATS, StatsReq.newBuilder().setTopic("nowhere").build()).status())
        .isEqualTo(GrpcStatus.NOT_FOUND);
  }

  @Test
  void countsPeeksAndPurgesByPartition() {
    client.raw.call(DisheapMethods.MAKE_HEAP, heap("jobs").setPartitions(8).build()).ok();
    client.make("single");
    int one = client.enqueue(message("jobs", "a").setPartitionKey("key")).getPartitionId();
    int other = one == 7 ? 0 : 7;
    StatsResp some = stats(StatsReq.newBuilder().setPartitionId(7));
    assertThat(some.getTopicStatsMap()).containsOnlyKeys("jobs");
    StatsResp there = stats(StatsReq.newBuilder().setTopic("jobs").setPartitionId(one));
    assertThat(there.getTopicStatsOrThrow("jobs").getTotalMessages()).isEqualTo(1);
    assertThat(there.getTopicStatsOrThrow("jobs").getPartitionStatsMap()).containsOnlyKeys(one);
    assertThat(stats(StatsReq.newBuilder().setTopic("jobs")).getTopicStatsOrThrow("jobs").getPartitionStatsMap()).hasSize(8);
    assertThat(client.peek(PeekReq.newBuilder().setTopic("jobs").setPartitionId(other)).getItemsCount()).isZero();
    assertThat(purge(PurgeReq.newBuilder().setForce(true).setPartitionId(other))).isEqualTo(GrpcStatus.OK);
    assertThat(client.peek(PeekReq.newBuilder().setTopic("jobs").setPartitionId(one)).getItemsList())
        .extracting(PeekItem::getPartitionId)
        .containsExactly(one);
    assertThat(purge(PurgeReq.newBuilder().setForce(true).setPartitionId(one))).isEqualTo(GrpcStatus.OK);
    assertThat(client.peek(PeekReq.newBuilder().setTopic("jobs")).getItemsCount()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a/b", "a.b", "ü"})
  void refusesBadTopicsBeforeAnythingElse(String topic) {
    assertThat(client.raw.call(DisheapMethods.ENQUEUE, message(topic, "").setPriority(Long.MAX_VALUE).build()).message()).contains("topic");
    assertThat(client.raw.call(DisheapMethods.PEEK, PeekReq.newBuilder().setTopic(topic).build()).status())
        .isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(delete(topic, false)).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(client.raw.call(DisheapMethods.PURGE, PurgeReq.newBuilder().setTopic(topic).build()).status())
        .isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(client.raw.call(DisheapMethods.STATS, StatsReq.newBuilder().setTopic(topic).build()).status())
        .isEqualTo(GrpcStatus.INVALID_ARGUMENT);
  }

  private ListHeapsResp list(int size, String token) {
    return client.raw.call(DisheapMethods.LIST_HEAPS, ListHeapsReq.newBuilder().setPageSize(size).setPageToken(token).build()).ok();
  }

  private StatsResp stats(StatsReq.Builder request) {
    return client.raw.call(DisheapMethods.STATS, request.build()).ok();
  }

  private AdminTransport admin() {
    return server.transport().admin().orElseThrow();
  }

  private static ResourceName home(String name) {
    return new ResourceName("default", "default", name);
  }

  private Deadline deadline() {
    return Deadline.after(time, Duration.ofSeconds(5));
  }
}
