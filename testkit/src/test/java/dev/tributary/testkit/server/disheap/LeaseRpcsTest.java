package dev.tributary.testkit.server.disheap;

import static dev.tributary.testkit.server.disheap.DisheapClient.heap;
import static dev.tributary.testkit.server.disheap.DisheapClient.message;
import static dev.tributary.testkit.server.disheap.DisheapClient.nacking;
import static dev.tributary.testkit.server.disheap.DisheapClient.seconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.vertx.internal.disheap.proto.AckReq;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.ExtendReq;
import dev.tributary.vertx.internal.disheap.proto.MoveToDlqReq;
import dev.tributary.vertx.internal.disheap.proto.PeekItem;
import dev.tributary.vertx.internal.disheap.proto.PeekReq;
import dev.tributary.vertx.internal.disheap.proto.PopItem;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LeaseRpcsTest {
  private final VirtualTime time = new VirtualTime();
  private double jitter = 0.5;
  private EmbeddedServer server;
  private DisheapClient client;

  @BeforeEach
  void start() {
    server = EmbeddedServer.disheap().createOnFirstUse(false).time(time).jitter(() -> jitter).start();
    client = new DisheapClient(server);
    client.make("jobs");
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void anAckIsForOneMessageOfOneTopicAndOneLease() {
    client.make("other");
    client.enqueue("jobs", "a");
    client.enqueue("jobs", "b");
    PopItem a = client.receive("jobs");
    PopItem b = client.receive("jobs");
    assertThat(client.ack(a.toBuilder().setTopic("other").build()).status()).isEqualTo(GrpcStatus.FAILED_PRECONDITION);
    assertThat(client.ack(a.toBuilder().setMessageId(b.getMessageId()).build()).status()).isEqualTo(GrpcStatus.FAILED_PRECONDITION);
    assertThat(client.ack(a.toBuilder().setLeaseToken("x").build()).status()).isEqualTo(GrpcStatus.FAILED_PRECONDITION);
    assertThat(client.ack(a.toBuilder().setTopic("nowhere").build()).status()).isEqualTo(GrpcStatus.NOT_FOUND);
    assertThat(client.ack(a.toBuilder().setTopic("no topic").build()).status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(client.raw.call(DisheapMethods.ACK, AckReq.newBuilder().setTopic("jobs").build()).status())
        .isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(client.ack(a).status()).isEqualTo(GrpcStatus.OK);
    assertThat(client.ack(a).status()).isEqualTo(GrpcStatus.FAILED_PRECONDITION);
    assertThat(client.peek(PeekReq.newBuilder().setTopic("jobs")).getItemsList()).extracting(PeekItem::getMessageId)
        .containsExactly(b.getMessageId());
  }

  @Test
  void aLeaseThatEndedIsNobodysAndCountsAsAnAttempt() {
    client.enqueue("jobs", "a");
    PopItem first = client.receive("jobs");
    time.advance(Duration.ofSeconds(60));
    assertThat(client.ack(first).status()).isEqualTo(GrpcStatus.FAILED_PRECONDITION);
    time.advance(Duration.ofMinutes(1));
    PopItem second = client.receive("jobs");
    assertThat(second.getAttempts()).isEqualTo(2);
    assertThat(second.getLeaseToken()).isNotEqualTo(first.getLeaseToken());
    assertThat(client.ack(first).status()).isEqualTo(GrpcStatus.FAILED_PRECONDITION);
    assertThat(client.ack(second).status()).isEqualTo(GrpcStatus.OK);
  }

  @Test
  void aBackoffDoublesAndIsCutByChance() {
    client.enqueue("jobs", "a");
    assertThat(client.nack(client.receive("jobs")).status()).isEqualTo(GrpcStatus.OK);
    time.advance(Duration.ofMillis(499));
    assertThat(client.receive("jobs", 1)).isEmpty();
    time.advance(Duration.ofMillis(1));
    jitter = 0.25;
    assertThat(client.nack(client.receive("jobs")).status()).isEqualTo(GrpcStatus.OK);
    time.advance(Duration.ofMillis(499));
    assertThat(client.receive("jobs", 1)).isEmpty();
    time.advance(Duration.ofMillis(1));
    PopItem third = client.receive("jobs");
    assertThat(third.getAttempts()).isEqualTo(3);
    assertThat(client.raw.call(DisheapMethods.NACK, nacking(third).setBackoffOverride(seconds(7)).build()).status())
        .isEqualTo(GrpcStatus.OK);
    time.advance(Duration.ofSeconds(6));
    assertThat(client.receive("jobs", 1)).isEmpty();
    time.advance(Duration.ofSeconds(1));
    assertThat(client.receive("jobs").getAttempts()).isEqualTo(4);
  }

  @Test
  void whatNobodyBeganIsNoAttempt() {
    client.enqueue("jobs", "a");
    client.raw.untried = true;
    for (int i = 0; i < 10; i++) {
      PopItem item = client.receive("jobs");
      assertThat(item.getAttempts()).isEqualTo(1);
      assertThat(client.nack(item).status()).isEqualTo(GrpcStatus.OK);
      assertThat(client.nack(item).status()).as("again").isEqualTo(GrpcStatus.FAILED_PRECONDITION);
    }
    client.raw.untried = false;
    assertThat(client.nackNow(client.receive("jobs")).status()).isEqualTo(GrpcStatus.OK);
    assertThat(client.receive("jobs").getAttempts()).isEqualTo(2);
  }

  @Test
  void aMessageIsDeadAfterItsRetries() {
    client.raw.call(DisheapMethods.MAKE_HEAP, heap("brief").setMaxRetriesDefault(1).build()).ok();
    client.enqueue("brief", "a");
    client.enqueue(message("brief", "b").setMaxRetries(0));
    assertThat(client.nackNow(client.receive("brief")).status()).isEqualTo(GrpcStatus.OK);
    PopItem again = client.receive("brief");
    assertThat(again.getAttempts()).isEqualTo(2);
    assertThat(again.getMaxRetries()).isEqualTo(1);
    assertThat(client.nackNow(again).status()).isEqualTo(GrpcStatus.OK);
    PopItem only = client.receive("brief");
    assertThat(only.getMaxRetries()).isZero();
    assertThat(client.nackNow(only).status()).isEqualTo(GrpcStatus.OK);
    assertThat(client.receive("brief", 1)).isEmpty();
    var dead = client.peek(PeekReq.newBuilder().setTopic("brief").setIncludeDlq(true)).getItemsList();
    assertThat(dead).extracting(item -> item.getPayload().toStringUtf8()).containsExactly("a", "b");
    assertThat(dead).allMatch(PeekItem::getInDlq);
    assertThat(dead).extracting(PeekItem::getAttempts).containsExactly(2, 1);
  }

  @Test
  void anExtensionAddsToTheEndOfTheLease() {
    client.enqueue("jobs", "a");
    PopItem item = client.receive("jobs");
    assertThat(client.extend(item, 30).status()).isEqualTo(GrpcStatus.OK);
    assertThat(client.extend(item, 30).status()).isEqualTo(GrpcStatus.OK);
    time.advance(Duration.ofSeconds(119));
    assertThat(client.extend(item, 3600).status()).isEqualTo(GrpcStatus.OK);
    // An hour is five minutes.
    time.advance(Duration.ofSeconds(300));
    assertThat(client.receive("jobs", 1)).isEmpty();
    time.advance(Duration.ofSeconds(1));
    assertThat(client.extend(item, 30).status()).isEqualTo(GrpcStatus.FAILED_PRECONDITION);
    time.advance(Duration.ofMinutes(1));
    assertThat(client.receive("jobs").getAttempts()).isEqualTo(2);
  }

  @Test
  void aLeaseIsExtendedTenTimesAndNoMore() {
    client.enqueue("jobs", "a");
    PopItem item = client.receive("jobs");
    for (int i = 0; i < 10; i++) {
      assertThat(client.extend(item, 1).status()).isEqualTo(GrpcStatus.OK);
    }
    assertThat(client.extend(item, 1).status()).isEqualTo(GrpcStatus.FAILED_PRECONDITION);
    assertThat(client.ack(item).status()).isEqualTo(GrpcStatus.OK);
    assertThat(client.extend(item, 0).status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(client.raw.call(DisheapMethods.EXTEND, ExtendReq.newBuilder().setTopic("jobs").setLeaseToken("x").build()).status())
        .isEqualTo(GrpcStatus.INVALID_ARGUMENT);
  }

  @Test
  void movesWhatIsLeasedToTheDeadLettersAndSaysWhyNothingElse() {
    String waiting = client.enqueue("jobs", "a").getMessageId();
    assertThat(move(waiting)).isEqualTo(GrpcStatus.FAILED_PRECONDITION);
    assertThat(move("unknown")).isEqualTo(GrpcStatus.NOT_FOUND);
    PopItem item = client.receive("jobs");
    assertThat(move(item.getMessageId())).isEqualTo(GrpcStatus.OK);
    assertThat(client.ack(item).status()).isEqualTo(GrpcStatus.FAILED_PRECONDITION);
    var dead = client.peek(PeekReq.newBuilder().setTopic("jobs").setIncludeDlq(true)).getItemsList();
    assertThat(dead).extracting(PeekItem::getInDlq).containsExactly(true);
  }

  private GrpcStatus move(String id) {
    return client.raw.call(DisheapMethods.MOVE_TO_DLQ, MoveToDlqReq.newBuilder().setTopic("jobs").setMessageId(id).build()).status();
  }
}
