package dev.tributary.testkit.server.disheap;

import static dev.tributary.testkit.server.disheap.DisheapClient.heap;
import static dev.tributary.testkit.server.disheap.DisheapClient.message;
import static dev.tributary.testkit.server.disheap.DisheapClient.seconds;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.RawClient;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.EnqueueBatchReq;
import dev.tributary.vertx.internal.disheap.proto.EnqueueBatchResp;
import dev.tributary.vertx.internal.disheap.proto.EnqueueReq;
import dev.tributary.vertx.internal.disheap.proto.EnqueueResp;
import dev.tributary.vertx.internal.disheap.proto.Mode;
import dev.tributary.vertx.internal.disheap.proto.PopFilter;
import dev.tributary.vertx.internal.disheap.proto.PopItem;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EnqueueRpcsTest {
  private final VirtualTime time = new VirtualTime();
  private EmbeddedServer server;
  private DisheapClient client;

  @BeforeEach
  void start() {
    server = EmbeddedServer.disheap().createOnFirstUse(false).time(time).start();
    client = new DisheapClient(server);
    client.make("jobs");
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void aMaxHeapHasTheLargestFirstAndAMinHeapTheSmallest() {
    client.raw.call(DisheapMethods.MAKE_HEAP, heap("min").setMode(Mode.MIN).build()).ok();
    for (String topic : new String[] {"jobs", "min"}) {
      client.enqueue(message(topic, "none"));
      client.enqueue(message(topic, "low").setPriority(-1_000_000));
      client.enqueue(message(topic, "high").setPriority(1_000_000));
      client.enqueue(message(topic, "later"));
    }
    assertThat(client.receive("jobs", 9)).extracting(DisheapClient::text).containsExactly("high", "none", "later", "low");
    assertThat(client.receive("min", 9)).extracting(PopItem::getPriority).containsExactly(-1_000_000L, 0L, 0L, 1_000_000L);
  }

  @Test
  void aMessageWaitsForItsDelayToTheNanosecond() {
    client.enqueue(message("jobs", "a").setNotBefore(seconds(1).toBuilder().setNanos(1)));
    time.advance(Duration.ofSeconds(1));
    assertThat(client.receive("jobs", 1)).isEmpty();
    time.advance(Duration.ofNanos(1));
    assertThat(client.receive("jobs", 1)).hasSize(1);
  }

  @Test
  void refusesWhatTheWireForbids() {
    assertThat(enqueue(message("jobs", ""))).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(enqueue(message("jobs", "a").setPriority(1_000_001))).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(enqueue(message("jobs", "a").setPriority(Long.MIN_VALUE))).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(enqueue(message("jobs", "a").setNotBefore(seconds(-1)))).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(enqueue(message("jobs", "a").setNotBefore(seconds(365 * 86_400 + 1)))).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(enqueue(message("jobs", "a").setProducerId("").setEpoch(1).setSequence(1))).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(enqueue(message("jobs", "a").setProducerId("p".repeat(256)).setEpoch(1).setSequence(1)))
        .isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(enqueue(message("jobs", "a").setProducerId("p").setEpoch(0).setSequence(1))).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(enqueue(message("jobs", "a").setProducerId("p").setEpoch(1).setSequence(0))).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    // What is wrong with the request itself is found before its topic is looked for.
    assertThat(enqueue(message("nowhere", "a").setPriority(1_000_001))).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(enqueue(message("nowhere", "a"))).isEqualTo(GrpcStatus.NOT_FOUND);
    ByteString mib = ByteString.copyFrom(new byte[1 << 20]);
    assertThat(enqueue(message("jobs", "").setPayload(mib))).isEqualTo(GrpcStatus.OK);
    assertThat(enqueue(message("jobs", "").setPayload(mib.concat(ByteString.copyFromUtf8("a"))))).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
  }

  private GrpcStatus enqueue(EnqueueReq.Builder request) {
    return client.raw.call(DisheapMethods.ENQUEUE, request.build()).status();
  }

  @Test
  void aNumberThatComesAgainIsStoredOnce() {
    EnqueueReq.Builder numbered = message("jobs", "a").setProducerId("p").setEpoch(5).setSequence(1);
    EnqueueResp first = client.enqueue(numbered);
    assertThat(first.getDuplicate()).isFalse();
    EnqueueResp again = client.enqueue(numbered.clone().setPayload(ByteString.copyFromUtf8("b")));
    assertThat(again.getDuplicate()).isTrue();
    assertThat(again.getMessageId()).isEqualTo(first.getMessageId());
    assertThat(client.enqueue(numbered.clone().setEpoch(6)).getDuplicate()).isFalse();
    // The older epoch is shut out, but for what it had stored.
    assertThat(enqueue(numbered.clone().setSequence(2))).isEqualTo(GrpcStatus.ABORTED);
    assertThat(client.enqueue(numbered).getDuplicate()).isTrue();
    // Two of the three say nothing.
    EnqueueReq.Builder half = message("jobs", "h").setProducerId("p").setEpoch(9);
    assertThat(client.enqueue(half).getMessageId()).isNotEqualTo(client.enqueue(half).getMessageId());
    PopItem item = client.receive("jobs");
    assertThat(item.getProducerId()).isEqualTo("p");
    assertThat(item.getEpoch()).isEqualTo(5);
    assertThat(item.getSequence()).isEqualTo(1);
    assertThat(client.receive("jobs", 9)).hasSize(3);
  }

  @Test
  void keysStayInTheirPartitionAndOthersGoRound() {
    client.raw.call(DisheapMethods.MAKE_HEAP, heap("parts").setPartitions(4).build()).ok();
    int partition = client.enqueue(message("parts", "a").setPartitionKey("key")).getPartitionId();
    assertThat(client.enqueue(message("parts", "b").setPartitionKey("key")).getPartitionId()).isEqualTo(partition);
    Set<Integer> used = new HashSet<>();
    for (int i = 0; i < 8; i++) {
      used.add(client.enqueue(message("parts", "c")).getPartitionId());
    }
    assertThat(used).containsExactlyInAnyOrder(0, 1, 2, 3);
    var some =
        client.raw.sayAll(
            DisheapMethods.POP_STREAM,
            DisheapClient.credits(99),
            DisheapClient.filter(
                PopFilter.newBuilder().setTopic("parts").addPartitionIds(partition)));
    assertThat(some.ended()).isEqualTo(GrpcStatus.OK);
    assertThat(some.items).hasSize(4);
    assertThat(some.items).extracting(PopItem::getPartitionId).containsOnly(partition);
  }

  @Test
  void aBatchIsStoredInOrder() {
    EnqueueBatchResp stored = batch(message("jobs", "a"), message("jobs", "b").setPriority(1), message("jobs", "c")).ok();
    assertThat(stored.getResponsesList()).extracting(EnqueueResp::getMessageId).doesNotHaveDuplicates().hasSize(3);
    assertThat(stored.getTransactionId()).matches("[0-9A-HJKMNP-TV-Z]{26}");
    assertThat(stored.getAllDuplicates()).isFalse();
    assertThat(client.receive("jobs", 9)).extracting(DisheapClient::text).containsExactly("b", "a", "c");
    var named =
        client.raw.call(
            DisheapMethods.ENQUEUE_BATCH,
            EnqueueBatchReq.newBuilder().setTransactionId("mine").addRequests(message("jobs", "d")).build());
    assertThat(named.ok().getTransactionId()).isEqualTo("mine");
  }

  @Test
  void aBatchWithAMistakeIsNotStoredAndSaysWhere() {
    client.make("other");
    assertMistake(batch(message("jobs", "a"), message("jobs", "")), GrpcStatus.INVALID_ARGUMENT, "requests[1]");
    assertMistake(batch(message("jobs", "a"), message("other", "b"), message("nowhere", "c")), GrpcStatus.NOT_FOUND, "requests[2]");
    assertMistake(batch(message("no name", "a")), GrpcStatus.INVALID_ARGUMENT, "requests[0]");
    ByteString large = ByteString.copyFrom(new byte[(1 << 20) + 1]);
    assertMistake(batch(message("jobs", "a"), message("jobs", "").setPayload(large)), GrpcStatus.INVALID_ARGUMENT, "requests[1]");
    client.enqueue(message("other", "x").setProducerId("p").setEpoch(2).setSequence(1));
    EnqueueReq.Builder fenced = message("other", "b").setProducerId("p").setEpoch(1).setSequence(7);
    assertThat(batch(message("other", "a"), fenced).status()).isEqualTo(GrpcStatus.ABORTED);
    assertThat(batch(message("jobs", "a"), fenced).status()).isEqualTo(GrpcStatus.ABORTED);
    assertThat(client.receive("jobs", 9)).isEmpty();
    assertThat(client.receive("other", 9)).extracting(DisheapClient::text).containsExactly("x");
  }

  private static void assertMistake(RawClient.Reply<?> reply, GrpcStatus status, String place) {
    assertThat(reply.status()).isEqualTo(status);
    assertThat(reply.message()).contains(place);
  }

  @Test
  void aBatchMayBeOfSeveralTopics() {
    client.make("other");
    EnqueueReq.Builder numbered = message("other", "b").setProducerId("p").setEpoch(1).setSequence(1);
    EnqueueBatchResp stored = batch(message("jobs", "a"), numbered, message("jobs", "c")).ok();
    assertThat(stored.getResponsesCount()).isEqualTo(3);
    assertThat(client.receive("jobs", 9))
        .extracting(PopItem::getMessageId)
        .containsExactly(stored.getResponses(0).getMessageId(), stored.getResponses(2).getMessageId());
    assertThat(client.receive("other").getMessageId()).isEqualTo(stored.getResponses(1).getMessageId());
    EnqueueBatchResp again = batch(numbered).ok();
    assertThat(again.getAllDuplicates()).isTrue();
    assertThat(again.getResponses(0).getMessageId()).isEqualTo(stored.getResponses(1).getMessageId());
  }

  @Test
  void aBatchHasAtLeastOneAndAtMostAHundred() {
    assertThat(batch().status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    EnqueueBatchReq.Builder many = EnqueueBatchReq.newBuilder();
    for (int i = 0; i < 100; i++) {
      many.addRequests(message("jobs", "m" + i));
    }
    assertThat(client.raw.call(DisheapMethods.ENQUEUE_BATCH, many.build()).ok().getResponsesCount()).isEqualTo(100);
    assertThat(client.raw.call(DisheapMethods.ENQUEUE_BATCH, many.addRequests(message("jobs", "x")).build()).status())
        .isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(client.receive("jobs", 1000)).hasSize(100);
  }

  private RawClient.Reply<EnqueueBatchResp> batch(EnqueueReq.Builder... requests) {
    EnqueueBatchReq.Builder batch = EnqueueBatchReq.newBuilder();
    for (EnqueueReq.Builder request : requests) {
      batch.addRequests(request);
    }
    return client.raw.call(DisheapMethods.ENQUEUE_BATCH, batch.build());
  }
}
