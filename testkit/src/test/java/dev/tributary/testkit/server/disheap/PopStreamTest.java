package dev.tributary.testkit.server.disheap;

import static dev.tributary.testkit.server.disheap.DisheapClient.credits;
import static dev.tributary.testkit.server.disheap.DisheapClient.filter;
import static dev.tributary.testkit.server.disheap.DisheapClient.message;
import static dev.tributary.testkit.server.disheap.DisheapClient.seconds;
import static dev.tributary.testkit.server.disheap.DisheapClient.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.PeekItem;
import dev.tributary.vertx.internal.disheap.proto.PeekReq;
import dev.tributary.vertx.internal.disheap.proto.PopFilter;
import dev.tributary.vertx.internal.disheap.proto.PopItem;
import dev.tributary.vertx.internal.disheap.proto.PopOpen;
import dev.tributary.vertx.internal.disheap.proto.StatsReq;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PopStreamTest {
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
  void deliversWhatThereAreCreditsFor() throws Exception {
    for (int i = 0; i < 5; i++) {
      client.enqueue("jobs", "m" + i);
    }
    var stream = client.pop(filter("jobs"), credits(2));
    assertThat(text(stream.next())).isEqualTo("m0");
    PopItem second = stream.next();
    assertThat(text(second)).isEqualTo("m1");
    assertThat(second.getTopic()).isEqualTo("jobs");
    assertThat(second.getAttempts()).isEqualTo(1);
    assertThat(second.getMaxRetries()).isEqualTo(3);
    assertThat(second.getLeaseToken()).hasSize(44);
    assertThat(second.getLeaseDeadline().getSeconds()).isEqualTo(time.now().getEpochSecond() + 60);
    // Nothing else is leased: that would come back only later.
    assertThat(inFlight()).isEqualTo(2);
    stream.say(credits(1), credits(1));
    assertThat(text(stream.next())).isEqualTo("m2");
    assertThat(text(stream.next())).isEqualTo("m3");
    assertThat(inFlight()).isEqualTo(4);
    stream.cancel();
  }

  @Test
  void takesCreditsBeforeTheFilterAndWaitsForMessages() throws Exception {
    var stream = client.pop(credits(2));
    stream.say(PopOpen.getDefaultInstance(), filter("jobs"));
    client.enqueue("jobs", "a");
    assertThat(text(stream.next())).isEqualTo("a");
    client.enqueue("jobs", "b");
    assertThat(text(stream.next())).isEqualTo("b");
    stream.finish();
    assertThat(stream.ended()).isEqualTo(GrpcStatus.OK);
  }

  @Test
  void creditsAddUpAndWrapAsTheWiresNumbersDo() {
    for (int i = 0; i < 5; i++) {
      client.enqueue("jobs", "m" + i);
    }
    var stream = client.raw.sayAll(DisheapMethods.POP_STREAM, credits(-1), credits(3), filter("jobs"));
    assertThat(stream.ended()).isEqualTo(GrpcStatus.OK);
    assertThat(stream.items).hasSize(2);
  }

  @Test
  void deliversWhatIsReadyToAClientThatHasSaidAll() {
    for (int i = 0; i < 200; i++) {
      client.enqueue("jobs", "m" + i);
    }
    client.enqueue(message("jobs", "later").setNotBefore(seconds(1)));
    assertThat(client.receive("jobs", 1)).extracting(DisheapClient::text).containsExactly("m0");
    List<PopItem> rest = client.receive("jobs", 1000);
    assertThat(rest).hasSize(199);
    assertThat(rest).extracting(PopItem::getAttempts).containsOnly(1);
    assertThat(client.receive("jobs", 10)).isEmpty();
    time.advance(Duration.ofSeconds(1));
    assertThat(client.receive("jobs", 10)).extracting(DisheapClient::text).containsExactly("later");
  }

  @Test
  void anOpenStreamDrainsBeforeItEnds() throws Exception {
    var stream = client.pop(filter("jobs"), credits(10));
    client.enqueue("jobs", "a");
    stream.finish();
    assertThat(stream.ended()).isEqualTo(GrpcStatus.OK);
    assertThat(stream.items).extracting(DisheapClient::text).containsExactly("a");
    assertThat(stream.items.peek().getAttempts()).isEqualTo(1);
  }

  @Test
  void aStreamWithoutFilterOrCreditsIsSilentAndEndsWell() {
    client.enqueue("jobs", "a");
    assertThat(client.raw.sayAll(DisheapMethods.POP_STREAM).ended()).isEqualTo(GrpcStatus.OK);
    assertThat(client.raw.sayAll(DisheapMethods.POP_STREAM, filter("jobs")).ended()).isEqualTo(GrpcStatus.OK);
    assertThat(client.raw.sayAll(DisheapMethods.POP_STREAM, credits(1)).ended()).isEqualTo(GrpcStatus.OK);
    assertThat(client.raw.sayAll(DisheapMethods.POP_STREAM, filter(""), credits(1)).ended()).isEqualTo(GrpcStatus.OK);
    assertThat(inFlight()).isZero();
  }

  @Test
  void refusesTopicsThatAreNotThereOrNoNames() {
    assertThat(client.pop(filter("nowhere")).ended()).isEqualTo(GrpcStatus.NOT_FOUND);
    assertThat(client.pop(filter("no topic")).ended()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(client.pop(filter(PopFilter.newBuilder().setTopic("jobs").addPartitionIds(1))).ended())
        .isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(client.pop(filter(PopFilter.newBuilder().setTopic("jobs").setVisibilityTimeout(seconds(0)))).ended())
        .isEqualTo(GrpcStatus.INVALID_ARGUMENT);
  }

  @Test
  void aLaterFilterReplacesTheTopicAndKeepsTheCredits() throws Exception {
    client.make("other");
    client.enqueue("jobs", "a");
    var stream = client.pop(filter("jobs"), credits(3));
    assertThat(text(stream.next())).isEqualTo("a");
    stream.say(filter("other"));
    client.enqueue("other", "b");
    assertThat(text(stream.next())).isEqualTo("b");
    client.enqueue("jobs", "c");
    client.enqueue("other", "d");
    assertThat(text(stream.next())).isEqualTo("d");
    client.enqueue("other", "e");
    stream.finish();
    assertThat(stream.ended()).isEqualTo(GrpcStatus.OK);
    assertThat(stream.items).isEmpty();
  }

  @Test
  void leasesForAsLongAsTheFilterSaysButNoMoreThanTwelveHours() throws Exception {
    client.enqueue("jobs", "a");
    client.enqueue("jobs", "b");
    long now = time.now().getEpochSecond();
    var brief = client.pop(filter(PopFilter.newBuilder().setTopic("jobs").setVisibilityTimeout(seconds(5))), credits(1));
    assertThat(brief.next().getLeaseDeadline().getSeconds()).isEqualTo(now + 5);
    var days = client.pop(filter(PopFilter.newBuilder().setTopic("jobs").setVisibilityTimeout(seconds(999_999))), credits(1));
    assertThat(days.next().getLeaseDeadline().getSeconds()).isEqualTo(now + 12 * 3600);
  }

  @Test
  void whatWasWrittenToAClientThatGoesAwayStaysLeased() throws Exception {
    client.enqueue("jobs", "a");
    var stream = client.pop(filter("jobs"), credits(1));
    PopItem item = stream.next();
    stream.cancel();
    assertThat(client.receive("jobs", 1)).isEmpty();
    assertThat(client.ack(item).status()).isEqualTo(GrpcStatus.OK);
  }

  @Test
  void aClientThatDoesNotReadHoldsUpOnlyWhatIsOnItsWay() {
    ByteString large = ByteString.copyFrom(new byte[100_000]);
    int all = 300;
    for (int i = 0; i < all; i++) {
      client.enqueue(message("jobs", "").setPayload(large));
    }
    DisheapClient other = new DisheapClient(server);
    var deaf = other.raw.converseDeaf(DisheapMethods.POP_STREAM, filter("jobs"), credits(all));
    List<PopItem> others = new ArrayList<>();
    List<PopItem> more;
    do {
      more = client.receive("jobs", 10);
      others.addAll(more);
    } while (!more.isEmpty());
    assertThat(others).hasSizeGreaterThan(all / 3);
    // What it did not get is ready again at once when it goes away.
    deaf.cancel();
    PeekItem waiting;
    do {
      waiting = client.peek(PeekReq.newBuilder().setTopic("jobs").setLimit(1)).getItems(0);
    } while (waiting.getIsLeased());
    assertThat(client.receive("jobs", all)).isNotEmpty();
    other.close();
  }

  @Test
  void canBeCut() {
    var stream = client.pop(filter("jobs"), credits(1));
    // It is there once the server has answered anything that came after it.
    client.enqueue("jobs", "a");
    assertThat(text(take(stream))).isEqualTo("a");
    server.faults().cut(GrpcStatus.UNAVAILABLE.code, "the server fails");
    assertThat(stream.ended()).isEqualTo(GrpcStatus.UNAVAILABLE);
  }

  private static PopItem take(dev.tributary.testkit.server.RawClient.Stream<PopOpen, PopItem> stream) {
    try {
      return stream.next();
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  private long inFlight() {
    return client.raw.call(DisheapMethods.STATS, StatsReq.newBuilder().setTopic("jobs").build()).ok().getTopicStatsOrThrow("jobs")
        .getInflightMessages();
  }
}
