package dev.tributary.vertx.internal.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.NotFoundException;
import dev.tributary.queue.QueueStats;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import dev.tributary.vertx.internal.goqueue.client.Receipts;
import dev.tributary.vertx.internal.goqueue.shipped.Shipped;
import dev.tributary.vertx.internal.goqueue.wire.GoTime;
import dev.tributary.vertx.internal.net.Network;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class GoQueueQueuesTest extends PeerTest {
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final String POLL = "GET " + GROUP + "/poll";

  private GoQueueQueues queues;

  @BeforeEach
  void queues() {
    queues = queues(network);
  }

  private GoQueueQueues queues(Network network) {
    Shipped client = new Shipped(api, topics, groups, network);
    Receipts receipts = new Receipts(api, time);
    return new GoQueueQueues(
        api,
        topics,
        groups,
        client.publisher(),
        client.delays(),
        receipts,
        client.deliveries(options().queueGroup(), options().heartbeat(), receipts),
        null,
        network,
        options());
  }

  private static JsonObject group(int generation, String... members) {
    JsonObject group =
        new JsonObject().put("id", "workers@orders").put("state", "Stable").put("generation", generation).put("topics", array("orders"));
    Object[] all = new Object[members.length];
    for (int i = 0; i < members.length; i++) {
      all[i] =
          new JsonObject()
              .put("id", members[i])
              .put("client_id", members[i].substring(0, members[i].lastIndexOf('-')))
              .put("assigned_partitions", array(0));
    }
    return group.put("members", array(all));
  }

  private void member() {
    peer.on("GET " + GROUP, asked -> group(1, "tributary-queue-1"));
  }

  private JsonObject message(int offset, int delivery, String value) {
    return new JsonObject()
        .put("offset", offset)
        .put("timestamp", GoTime.nanos(time.now()))
        .put("value", value)
        .put("receipt_handle", "orders:0:" + offset + ":" + delivery + ":abc");
  }

  private static JsonObject polled(Object... messages) {
    return new JsonObject()
        .put("messages", messages.length == 0 ? new JsonObject() : new JsonObject().put("0", array(messages)))
        .put("next_offset", new JsonObject());
  }

  private List<LeasedJob> receive(int max, Duration lease) throws Exception {
    return get(queues.receive(ORDERS, max, lease, Duration.ZERO, soon()));
  }

  private Outcome<Settlement.Result> settle(Settlement.Kind kind, LeasedJob job, @Nullable Duration duration, @Nullable String reason)
      throws Exception {
    return get(queues.settle(ORDERS, List.of(new Settlement(kind, job, duration, reason)), soon())).get(0);
  }

  @Test
  void whoeverComesFirstJoinsAndTheOthersPollAsHim() throws Exception {
    AtomicInteger joins = new AtomicInteger();
    peer.on("GET " + GROUP, asked -> {
          if (joins.get() == 0) {
            throw new ScriptedHttp.Refusal(404, "group not found");
          }
          return group(1, "tributary-queue-1", "somebody-0");
        })
        .on("POST " + GROUP + "/join", asked -> {
          joins.incrementAndGet();
          return new JsonObject().put("member_id", "tributary-queue-1").put("generation", 1).put("partitions", array(0));
        })
        .on(POLL, asked -> polled());
    assertThat(receive(3, LEASE)).isEmpty();
    assertThat(receive(3, LEASE)).isEmpty();
    assertThat(joins).hasValue(1);
    assertThat(peer.asked("POST " + GROUP + "/join").get(0).json())
        .isEqualTo(new JsonObject().put("client_id", "tributary-queue").put("topics", array("orders")));
    assertThat(peer.asked(POLL)).hasSize(2).allSatisfy(poll -> {
      assertThat(poll.query("member_id")).isEqualTo("tributary-queue-1");
      assertThat(poll.query("limit")).isEqualTo("3");
      assertThat(poll.query("max_messages")).isEqualTo("3");
      assertThat(poll.query("timeout")).isEqualTo("0s");
      assertThat(poll.query("visibility")).isEqualTo("30s");
      assertThat(poll.query("generation")).isNull();
    });
  }

  @Test
  void ofTwoThatJoinedAtOnceTheSmallerStays() throws Exception {
    peer.on("GET " + GROUP, asked -> group(2, "tributary-queue-2", "tributary-queue-1", "other-0"))
        .on("POST " + GROUP + "/leave", asked -> new JsonObject().put("status", "left"))
        .on(POLL, asked -> polled());
    receive(1, LEASE);
    assertThat(peer.asked(POLL).get(0).query("member_id")).isEqualTo("tributary-queue-1");
    await("the other leaves", () -> peer.asked("POST " + GROUP + "/leave").size() == 1);
    assertThat(peer.asked("POST " + GROUP + "/leave").get(0).json().getString("member_id")).isEqualTo("tributary-queue-2");
  }

  @Test
  void aMemberThatIsGoneIsReplacedUnnoticed() throws Exception {
    AtomicInteger polls = new AtomicInteger();
    peer.on("GET " + GROUP, asked -> group(1, polls.get() == 0 ? "tributary-queue-1" : "tributary-queue-2"))
        .on(POLL, asked -> {
          if (polls.getAndIncrement() == 0) {
            throw new ScriptedHttp.Refusal(404, "member not found (may have been evicted)");
          }
          return polled(message(0, 1, "work"));
        });
    assertThat(receive(1, LEASE)).hasSize(1);
    assertThat(peer.asked(POLL).get(1).query("member_id")).isEqualTo("tributary-queue-2");
  }

  @Test
  void aQueueThatIsNotThereIsNotFound() {
    peer.on("POST " + GROUP + "/join", asked -> {
      throw new ScriptedHttp.Refusal(404, "topic not found: orders");
    });
    assertThat(failure(NotFoundException.class, queues.receive(ORDERS, 1, LEASE, Duration.ZERO, soon()))).hasMessageContaining("orders");
  }

  @Test
  void aGroupOfAnotherTopicIsNotPolled() {
    peer.on("GET " + GROUP, asked -> group(1, "tributary-queue-1").put("topics", array("bills")));
    failure(ConflictException.class, queues.receive(ORDERS, 1, LEASE, Duration.ZERO, soon()));
    assertThat(peer.asked(POLL)).isEmpty();
  }

  @Test
  void theMemberIsKeptAliveOnlyWhileItIsNeeded() throws Exception {
    member();
    AtomicInteger generation = new AtomicInteger(1);
    peer.on("GET " + GROUP, asked -> group(generation.get(), "tributary-queue-1"))
        .on("POST " + GROUP + "/heartbeat", asked -> {
          if (asked.json().getInteger("generation") != generation.get()) {
            throw new ScriptedHttp.Refusal(409, "stale generation (rebalance occurred)");
          }
          return new JsonObject().put("status", "ok");
        })
        .on("POST /messages/ack", asked -> new JsonObject().put("success", true))
        .on(POLL, asked -> polled(message(0, 1, "work")));
    LeasedJob job = receive(1, Duration.ofHours(12)).get(0);
    time.pass(Duration.ofSeconds(3));
    await("a heartbeat", () -> beats() == 1);
    generation.set(2);
    time.pass(Duration.ofSeconds(3));
    await("a look at the group", () -> peer.asked("GET " + GROUP).size() == 2);
    await("a heartbeat of the new generation", () -> {
      time.pass(Duration.ofSeconds(1));
      return beats() > 2 && peer.asked("POST " + GROUP + "/heartbeat").get(beats() - 1).json().getInteger("generation") == 2;
    });
    settle(Settlement.Kind.ACK, job, null, null);
    int before = beats();
    for (int i = 0; i < 10; i++) {
      time.pass(Duration.ofSeconds(30));
    }
    receive(1, LEASE);
    assertThat(beats()).as("one may have been on its way").isLessThanOrEqualTo(before + 2);
  }

  private int beats() {
    return peer.asked("POST " + GROUP + "/heartbeat").size();
  }

  @Test
  void aJobIsWhatTheServerSaysOfIt() throws Exception {
    member();
    peer.on(POLL, asked -> polled(
        message(7, 2, "{\"tributary\":1,\"headers\":{\"type\":\"mail\"},\"base64\":\"AP8=\"}").put("priority", "high"),
        message(8, 1, "größer").put("receipt_handle", "opaque")));
    List<LeasedJob> jobs = receive(5, LEASE);
    assertThat(jobs).extracting(LeasedJob::id).containsExactly("0:7", "0:8");
    assertThat(jobs).extracting(LeasedJob::attempt).containsExactly(2, 1);
    assertThat(jobs).extracting(LeasedJob::priority).containsExactly(1, 0);
    assertThat(jobs.get(0).value()).containsExactly(0, 255);
    assertThat(jobs.get(0).headers()).containsEntry("type", "mail");
    assertThat(jobs.get(0).leaseDeadline().instant()).isEqualTo(time.now().plusSeconds(30));
    assertThat(jobs.get(0).enqueuedAt()).isEqualTo(time.now());
    assertThat(new String(jobs.get(1).value(), StandardCharsets.UTF_8)).isEqualTo("größer");
  }

  @Test
  void aPollSaysHowLongTheLeaseIsToBe() throws Exception {
    member();
    peer.on(POLL, asked -> polled(message(0, 1, "a")));
    assertThat(receive(5, Duration.ofMillis(1_500)).get(0).leaseDeadline().instant()).isEqualTo(time.now().plusSeconds(2));
    assertThat(peer.asked(POLL).get(0).query("visibility")).isEqualTo("2s");
    assertThat(peer.asked("POST /messages/visibility")).isEmpty();
  }

  @Test
  void anotherLeaseIsSetRightAfterThePollWhereThatCannotSayIt() throws Exception {
    speak("dev");
    peer.on("GET " + GROUP + "/offsets", asked -> new JsonObject().put("topics", new JsonObject()));
    member();
    peer.on(POLL, asked -> polled(message(0, 1, "a"), message(1, 1, "b"), message(2, 1, "c")))
        .on("POST /messages/visibility", asked -> switch (asked.json().getString("receipt_handle")) {
          case "orders:0:1:1:abc" -> throw new ScriptedHttp.Refusal(500, "receipt handle expired");
          case "orders:0:2:1:abc" -> throw new ScriptedHttp.Refusal(500, "disk full");
          default -> new JsonObject().put("success", true);
        });
    List<LeasedJob> jobs = receive(5, Duration.ofMillis(1_500));
    assertThat(jobs).extracting(LeasedJob::id).containsExactly("0:0", "0:2");
    assertThat(jobs.get(0).leaseDeadline().instant()).as("rounded up").isEqualTo(time.now().plusSeconds(2));
    assertThat(jobs.get(1).leaseDeadline().instant()).as("as it came").isEqualTo(time.now().plusSeconds(30));
    assertThat(peer.asked("POST /messages/visibility").get(0).json().getInteger("extension_seconds")).isEqualTo(2);
  }

  @Test
  void aCancelledReceiveAsksForTheEndOfThePollAndGivesBackWhatItBrings() throws Exception {
    member();
    AtomicInteger ends = new AtomicInteger();
    peer.later(POLL, asked -> true)
        .on("POST " + GROUP + "/poll/end", asked -> new JsonObject().put("ended", ends.incrementAndGet() > 1))
        .on("POST /messages/nack", asked -> new JsonObject().put("success", true).put("action", "requeued"));
    CompletableFuture<List<LeasedJob>> receive = queues.receive(ORDERS, 1, LEASE, Duration.ofSeconds(90), soon());
    await("the poll", () -> peer.asked(POLL).size() == 1);
    ScriptedHttp.Asked poll = peer.asked(POLL).get(0);
    assertThat(poll.query("timeout")).isEqualTo("25s");
    receive.cancel(true);
    await("the end is asked for", () -> ends.get() == 1);
    await("and once more, since the server did not know it", () -> {
      time.pass(Duration.ofMillis(50));
      return ends.get() == 2;
    });
    assertThat(peer.asked("POST " + GROUP + "/poll/end").get(0).json().getString("poll")).isEqualTo(poll.query("poll")).isNotBlank();
    assertThat(poll.broken).isFalse();
    CompletableFuture<Void> closing = queues.close(new ClientClosedException(ErrorInfo.of("closed", "open")));
    assertThat(closing).isNotDone();
    poll.answer(ScriptedHttp.Reply.json(polled(message(0, 1, "a"))));
    get(closing);
    assertThat(peer.asked("POST /messages/nack").get(0).json())
        .isEqualTo(new JsonObject().put("receipt_handle", "orders:0:0:1:abc").put("delay", "0s").put("release", true));
  }

  @Test
  void theVerbsAreSaidAsTheServerKnowsThem() throws Exception {
    member();
    peer.on(POLL, asked -> polled(message(0, 1, "a"), message(1, 1, "b"), message(2, 3, "c"), message(3, 1, "d")))
        .on("POST /messages/ack", asked -> new JsonObject().put("success", true))
        .on("POST /messages/nack", asked -> new JsonObject().put("success", true).put("action", asked.json().containsKey("delay") ? "requeued" : "dlq"))
        .on("POST /messages/reject", asked -> new JsonObject().put("success", true).put("action", "rejected"))
        .on("POST /messages/visibility", asked -> new JsonObject().put("success", true));
    List<LeasedJob> jobs = receive(5, LEASE);
    assertThat(settle(Settlement.Kind.EXTEND, jobs.get(0), Duration.ofMillis(61_500), null).orThrow().leaseDeadline().instant())
        .isEqualTo(time.now().plusSeconds(62));
    assertThat(settle(Settlement.Kind.ACK, jobs.get(0), null, null).orThrow().deadLettered()).isFalse();
    assertThat(settle(Settlement.Kind.NACK, jobs.get(1), Duration.ofMillis(1_500), "not now").orThrow().deadLettered()).isFalse();
    assertThat(settle(Settlement.Kind.NACK, jobs.get(2), null, null).orThrow().deadLettered()).isTrue();
    assertThat(settle(Settlement.Kind.REJECT, jobs.get(3), null, null).orThrow().deadLettered()).isTrue();
    assertThat(settle(Settlement.Kind.RELEASE, jobs.get(1), null, null).orThrow().deadLettered()).isFalse();
    assertThat(peer.asked("POST /messages/visibility").get(0).json().getInteger("extension_seconds")).isEqualTo(62);
    assertThat(peer.asked("POST /messages/nack").get(0).json())
        .isEqualTo(new JsonObject().put("receipt_handle", "orders:0:1:1:abc").put("delay", "1.5s").put("reason", "not now"));
    assertThat(peer.asked("POST /messages/nack").get(2).json())
        .isEqualTo(new JsonObject().put("receipt_handle", "orders:0:1:1:abc").put("delay", "0s").put("release", true));
    assertThat(peer.asked("POST /messages/nack").get(1).json()).isEqualTo(new JsonObject().put("receipt_handle", "orders:0:2:3:abc"));
    assertThat(peer.asked("POST /messages/reject").get(0).json().getString("reason")).isNotBlank();
  }

  @Test
  void whatTheServerKnowsNoLongerIsALostLease() throws Exception {
    member();
    peer.on(POLL, asked -> polled(message(0, 1, "a")));
    for (String verb : List.of("ack", "nack", "reject")) {
      peer.on("POST /messages/" + verb, asked -> {
        throw new ScriptedHttp.Refusal(500, verb + " failed: receipt handle not found");
      });
    }
    peer.on("POST /messages/visibility", asked -> {
      throw new ScriptedHttp.Refusal(500, "receipt handle expired");
    });
    LeasedJob job = receive(1, LEASE).get(0);
    for (Settlement.Kind kind : Settlement.Kind.values()) {
      assertThat(settle(kind, job, Duration.ofSeconds(1), null).error()).as("%s", kind).isInstanceOf(LeaseLostException.class);
    }
  }

  @Test
  void anAckThatIsMadeAgainBecauseItsAnswerWasLostMayBeDone() throws Exception {
    member();
    AtomicInteger acks = new AtomicInteger();
    peer.on(POLL, asked -> polled(message(0, 1, "a")))
        .on("POST /messages/ack", asked -> {
          throw new ScriptedHttp.Refusal(500, "ack failed: receipt handle not found");
        })
        .later("POST /messages/ack", asked -> {
          if (acks.getAndIncrement() == 0) {
            asked.answer(ScriptedHttp.Reply.BREAK);
            return true;
          }
          return false;
        });
    LeasedJob job = receive(1, LEASE).get(0);
    Settlement ack = new Settlement(Settlement.Kind.ACK, job, null, null);
    assertThat(failure(ConnectionFailedException.class, queues.settle(ORDERS, List.of(ack), soon())).maybeApplied()).isTrue();
    assertThat(settle(Settlement.Kind.ACK, job, null, null).error())
        .isInstanceOfSatisfying(LeaseLostException.class, lost -> assertThat(lost.maybeApplied()).isTrue());
    assertThat(settle(Settlement.Kind.ACK, job, null, null).error())
        .as("a third")
        .isInstanceOfSatisfying(LeaseLostException.class, lost -> assertThat(lost.maybeApplied()).isFalse());
  }

  @Test
  void statsAreWhatLiesBeyondTheCommitAndWhatWaitsForItsTime() throws Exception {
    member();
    peer.on(POLL, asked -> polled(message(4, 1, "a")))
        .on("GET /topics/orders", asked -> new JsonObject()
            .put("name", "orders")
            .put("partitions", 2)
            .put("partition_offsets", new JsonObject()
                .put("0", new JsonObject().put("earliest", 0).put("latest", 9))
                .put("1", new JsonObject().put("earliest", 0).put("latest", -1))))
        .on("GET " + GROUP + "/offsets", asked -> new JsonObject()
            .put("group_id", "workers@orders")
            .put("topics", new JsonObject().put("orders", new JsonObject().put("0", 4))))
        .on("GET /topics/orders/delayed", asked -> new JsonObject()
            .put("messages", array(
                new JsonObject().put("partition", 0).put("offset", 2).put("deliver_at", "2031-01-01T00:00:00Z"),
                new JsonObject().put("partition", 0).put("offset", 6).put("deliver_at", "2031-01-01T00:00:00Z"))));
    receive(1, LEASE);
    QueueStats stats = get(queues.stats(ORDERS, soon()));
    assertThat(stats.inFlight()).isEqualTo(1);
    assertThat(stats.pending()).as("4 to 9 without the one in flight, and the delayed one before").isEqualTo(6);
    time.pass(Duration.ofSeconds(30));
    assertThat(get(queues.stats(ORDERS, soon())).inFlight()).isZero();
  }

  /** A server with its faults: its group committed nothing yet, and takes any commit. */
  private void shipped() {
    member();
    speak("dev");
    AtomicInteger committed = new AtomicInteger();
    peer.on("GET " + GROUP + "/offsets", asked -> new JsonObject()
            .put("group_id", "workers@orders")
            .put("topics", new JsonObject().put("orders", new JsonObject().put("0", committed.get()))))
        .on("POST " + GROUP + "/offsets", asked -> {
          committed.set(asked.json().getJsonObject("offsets").getJsonObject("orders").getInteger("0"));
          return new JsonObject().put("status", "committed");
        })
        .on("POST /messages/ack", asked -> new JsonObject().put("success", true))
        .on("POST /messages/reject", asked -> new JsonObject().put("success", true).put("action", "rejected"));
    latest(-1);
  }

  private void latest(long offset) {
    peer.on("GET /topics/orders", asked -> new JsonObject()
        .put("name", "orders")
        .put("partitions", 1)
        .put("partition_offsets", new JsonObject().put("0", new JsonObject().put("earliest", 0).put("latest", offset))));
  }

  private List<String> settlements() {
    return peer.asked.stream().map(ScriptedHttp.Asked::line).filter(what -> what.startsWith("POST /messages") || what.equals("POST " + GROUP + "/offsets")).toList();
  }

  @Test
  void asShippedAnAckIsCommittedBeforeAndADeadLetterAfter() throws Exception {
    shipped();
    peer.on(POLL, asked -> polled(message(0, 1, "a"), message(1, 1, "b")));
    List<LeasedJob> jobs = receive(2, LEASE);
    settle(Settlement.Kind.ACK, jobs.get(0), null, null).orThrow();
    settle(Settlement.Kind.REJECT, jobs.get(1), null, "bad").orThrow();
    assertThat(settlements())
        .containsExactly("POST " + GROUP + "/offsets", "POST /messages/ack", "POST /messages/reject", "POST " + GROUP + "/offsets");
  }

  @Test
  void asShippedAJobThatNobodyTakesIsGivenBackByAnAckAndWasNoAttempt() throws Exception {
    shipped();
    peer.on(POLL, asked -> polled(message(0, 1, "a"), message(1, 1, "b")));
    for (int round = 0; round < 3; round++) {
      assertThat(receive(1, LEASE)).singleElement().satisfies(job -> assertThat(job.id()).isEqualTo("0:0"));
      int acks = round + 1;
      time.pass(Duration.ofSeconds(5));
      await("it is given back", () -> {
        // The end of its time there may be noted only now.
        time.pass(Duration.ofMillis(100));
        return peer.asked("POST /messages/ack").size() == acks;
      });
    }
    assertThat(peer.asked("POST /messages/ack")).allSatisfy(ack ->
        assertThat(ack.json().getString("receipt_handle")).isEqualTo("orders:0:1:1:abc"));
    assertThat(peer.asked("POST " + GROUP + "/offsets")).isEmpty();
    assertThat(receive(1, LEASE)).as("the first is dead now, the second is not tried yet").singleElement().satisfies(job -> {
      assertThat(job.id()).isEqualTo("0:1");
      assertThat(job.attempt()).isEqualTo(1);
    });
  }

  @Test
  void asShippedAJobThatIsReleasedIsAckedWithoutACommitAndWasNoAttempt() throws Exception {
    shipped();
    peer.on(POLL, asked -> polled(message(0, 1, "a")));
    for (int round = 0; round < 4; round++) {
      LeasedJob job = receive(1, LEASE).get(0);
      assertThat(job.attempt()).isEqualTo(1);
      settle(Settlement.Kind.RELEASE, job, null, null).orThrow();
    }
    assertThat(settlements()).containsOnly("POST /messages/ack").hasSize(4);
  }

  @Test
  void asShippedWhatWasTriedIsNotForgottenForOtherQueues() throws Exception {
    shipped();
    peer.on(POLL, asked -> polled(message(0, 1, "a")));
    assertThat(receive(1, LEASE).get(0).attempt()).isEqualTo(1);
    time.pass(LEASE);
    for (int i = 0; i < 1_100; i++) {
      failure(NotFoundException.class, queues.stats(new ResourceName("default", "default", "other" + i), soon()));
    }
    assertThat(receive(1, LEASE).get(0).attempt()).isEqualTo(2);
  }

  @Test
  void asShippedAJobThatRestsIsGivenBackAtTheClose() throws Exception {
    shipped();
    peer.on(POLL, asked -> polled(message(0, 1, "a"))).on("POST /messages/visibility", asked -> new JsonObject().put("success", true));
    settle(Settlement.Kind.NACK, receive(1, LEASE).get(0), Duration.ofMinutes(5), null).orThrow();
    get(queues.close(new ClientClosedException(ErrorInfo.of("closed", "open"))));
    assertThat(settlements()).containsExactly("POST /messages/visibility", "POST /messages/ack");
    time.pass(Duration.ofMinutes(5));
    assertThat(settlements()).hasSize(2);
  }

  @Test
  void asShippedAnAckBehindAGapIsNotDoneIfItsReceiptIsGone() throws Exception {
    shipped();
    peer.on(POLL, asked -> polled(message(0, 1, "a"), message(1, 1, "b")));
    List<LeasedJob> jobs = receive(2, LEASE);
    peer.on("POST /messages/ack", asked -> {
      throw new ScriptedHttp.Refusal(500, "ack failed: receipt handle not found");
    });
    assertThat(settle(Settlement.Kind.ACK, jobs.get(1), null, null).error())
        .isInstanceOfSatisfying(LeaseLostException.class, lost -> assertThat(lost.maybeApplied()).isTrue());
    assertThat(settle(Settlement.Kind.ACK, jobs.get(0), null, null).orThrow()).as("it is committed").isEqualTo(Settlement.Result.DONE);
  }

  @Test
  void asShippedNoPollIsBrokenOffAndClosingGivesBackWhatItBrings() throws Exception {
    shipped();
    peer.later(POLL, asked -> true);
    CompletableFuture<List<LeasedJob>> receive = queues.receive(ORDERS, 1, LEASE, Duration.ofSeconds(20), soon());
    await("a poll", () -> peer.asked(POLL).size() == 1);
    assertThat(peer.asked(POLL).get(0).query("timeout")).isEqualTo("1s");
    time.pass(Duration.ofSeconds(1));
    peer.asked(POLL).get(0).answer(ScriptedHttp.Reply.json(polled()));
    await("another", () -> peer.asked(POLL).size() == 2);
    CompletableFuture<Void> closing = queues.close(new ClientClosedException(ErrorInfo.of("closed", "open")));
    failure(ClientClosedException.class, receive);
    ScriptedHttp.Asked last = peer.asked(POLL).get(1);
    assertThat(last.broken).isFalse();
    assertThat(closing).isNotDone();
    last.answer(ScriptedHttp.Reply.json(polled(message(0, 1, "a"))));
    get(closing);
    assertThat(settlements()).containsExactly("POST /messages/ack");
  }

  @Test
  void asShippedAJobThatWaitsForItsTimeIsPassedAndTakenWhenItIsDue() throws Exception {
    shipped();
    String journal = "GET /topics/orders.late/partitions/0/messages";
    List<JsonObject> written = new CopyOnWriteArrayList<>();
    AtomicBoolean due = new AtomicBoolean();
    peer.on(POLL, asked -> polled(message(1, 1, "soon")))
        .on("GET /topics/orders/delayed", asked -> new JsonObject().put("messages", due.get() ? array() : array(
            new JsonObject().put("partition", 0).put("offset", 0).put("deliver_at", "2031-01-01T00:00:00Z"))))
        .on("POST /topics", asked -> new JsonObject().put("name", "orders.late").put("partitions", 1).put("created", true))
        .on("POST /topics/orders.late/messages", asked -> {
          String value = asked.json().getJsonArray("messages").getJsonObject(0).getString("value");
          written.add(message(written.size(), 1, value));
          return new JsonObject().put("results", array(new JsonObject().put("partition", 0).put("offset", written.size() - 1)));
        })
        .on("GET /topics/orders.late", asked -> new JsonObject()
            .put("name", "orders.late")
            .put("partitions", 1)
            .put("partition_offsets", new JsonObject().put("0", new JsonObject().put("earliest", 0).put("latest", written.size() - 1))))
        .on(journal, asked -> {
          int from = Integer.parseInt(asked.query("offset"));
          return new JsonObject()
              .put("messages", array(written.subList(from, written.size()).toArray()))
              .put("next_offset", written.size());
        });
    LeasedJob soon = receive(1, LEASE).get(0);
    assertThat(written).extracting(record -> record.getString("value")).containsExactly("{\"passed\":{\"0\":[[0,1]]}}");
    settle(Settlement.Kind.ACK, soon, null, null).orThrow();
    assertThat(peer.asked("POST " + GROUP + "/offsets").get(0).json().getJsonObject("offsets").getJsonObject("orders").getInteger("0"))
        .as("the group is past both")
        .isEqualTo(2);

    due.set(true);
    time.pass(Duration.ofSeconds(1));
    peer.on(POLL, asked -> polled());
    String group = "/groups/workers.late@orders";
    peer.on("GET " + group, asked -> group(1, "tributary-queue-7"))
        .on("POST " + group + "/offsets", asked -> new JsonObject().put("status", "committed"))
        .on("GET " + group + "/poll", asked -> polled(message(0, 1, "late")));
    LeasedJob late = receive(1, LEASE).get(0);
    assertThat(new String(late.value(), StandardCharsets.UTF_8)).isEqualTo("late");
    assertThat(peer.asked("POST " + group + "/offsets").get(0).json().getJsonObject("offsets").getJsonObject("orders").getInteger("0")).isZero();
    assertThat(peer.asked("GET " + group + "/poll").get(0).query("limit")).isEqualTo("1");
    settle(Settlement.Kind.ACK, late, null, null).orThrow();
    assertThat(written).extracting(record -> record.getString("value")).last().isEqualTo("{\"done\":{\"0\":[[0,1]]}}");
    assertThat(peer.asked("POST /messages/ack")).hasSize(2);

    // Another client knows it from what is written down.
    GoQueueQueues other = queues(network);
    time.pass(Duration.ofSeconds(1));
    latest(1);
    assertThat(get(other.receive(ORDERS, 1, LEASE, Duration.ZERO, soon()))).isEmpty();
    assertThat(peer.asked("GET " + group + "/poll")).hasSize(1);
  }

  @Test
  void asShippedWhatLiesBehindMoreThanAPollLooksAtIsReached() throws Exception {
    shipped();
    latest(500);
    peer.on(POLL, asked -> polled())
        .on("GET /topics/orders/partitions/0/messages", asked -> new JsonObject()
            .put("messages", asked.query("limit").equals("1") ? array() : array(message(500, 1, "behind")))
            .put("next_offset", asked.query("limit").equals("1") ? 0 : 501))
        .on("GET /topics/orders/delayed", asked -> new JsonObject().put("messages", array(
            IntStream.range(0, 500)
                .mapToObj(offset -> new JsonObject().put("partition", 0).put("offset", offset).put("deliver_at", "2031-01-01T00:00:00Z"))
                .toArray())))
        .on("POST /topics", asked -> new JsonObject().put("name", "orders.late").put("partitions", 1).put("created", true))
        .on("POST /topics/orders.late/messages", asked ->
            new JsonObject().put("results", array(new JsonObject().put("partition", 0).put("offset", 0))));
    assertThat(receive(1, LEASE)).isEmpty();
    receive(1, LEASE);
    assertThat(peer.asked("POST " + GROUP + "/offsets").get(0).json().getJsonObject("offsets").getJsonObject("orders").getInteger("0"))
        .isEqualTo(500);
  }

  @Test
  void asShippedALateJobThatSomebodyElseHasIsNotInTheWayOfOthers() throws Exception {
    shipped();
    String group = "/groups/workers.late@orders";
    AtomicInteger place = new AtomicInteger();
    peer.on("GET /topics/orders.late/partitions/0/messages", asked -> new JsonObject()
            .put("messages", asked.query("offset").equals("0") ? array(message(0, 1, "{\"passed\":{\"0\":[[0,1],[2,3]]}}")) : array())
            .put("next_offset", 1))
        .on("GET /topics/orders.late", asked -> new JsonObject()
            .put("name", "orders.late")
            .put("partitions", 1)
            .put("partition_offsets", new JsonObject().put("0", new JsonObject().put("earliest", 0).put("latest", 0))))
        .on("GET /topics/orders/delayed", asked -> new JsonObject().put("messages", array()))
        .on("GET " + group, asked -> group(1, "tributary-queue-7"))
        .on("POST " + group + "/offsets", asked -> {
          place.set(asked.json().getJsonObject("offsets").getJsonObject("orders").getInteger("0"));
          return new JsonObject().put("status", "committed");
        })
        .on("GET " + group + "/poll", asked -> place.get() == 2 ? polled(message(2, 1, "late")) : polled());
    assertThat(receive(1, LEASE)).singleElement().satisfies(job -> assertThat(job.id()).isEqualTo("0:2"));
  }
}
