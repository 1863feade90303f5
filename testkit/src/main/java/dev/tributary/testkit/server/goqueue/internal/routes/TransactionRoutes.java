package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.stream.Event;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.goqueue.internal.store.Topic;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import dev.tributary.testkit.server.goqueue.internal.transactions.OpenTransaction;
import dev.tributary.testkit.server.goqueue.internal.transactions.Producer;
import dev.tributary.testkit.server.goqueue.internal.transactions.Transactions;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.vertx.internal.goqueue.wire.GoTime;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import dev.tributary.vertx.internal.goqueue.wire.Murmur3;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** The routes of producers and their transactions. */
public final class TransactionRoutes {
  private static final long DEFAULT_TIMEOUT_MILLIS = 60_000;
  private static final long MAX_TIMEOUT_MILLIS = 900_000;

  private final Transactions transactions;
  private final Topics topics;

  public TransactionRoutes(Transactions transactions, Topics topics) {
    this.transactions = transactions;
    this.topics = topics;
  }

  public void on(HttpRoutes routes) {
    routes
        .on("POST", "/producers/init", this::init)
        .on("POST", "/producers/{id}/heartbeat", this::heartbeat)
        .onRoot("GET", "/transactions", this::list)
        .on("GET", "/transactions/stats", this::stats)
        .on("POST", "/transactions/begin", this::begin)
        .on("POST", "/transactions/publish", this::publish)
        .on("POST", "/transactions/commit", this::commit)
        .on("POST", "/transactions/abort", this::abort);
  }

  private static String required(String name) {
    if (name.isEmpty()) {
      throw Refusal.badRequest("transactional_id is required");
    }
    return name;
  }

  private static int epoch(int epoch) {
    return JsonRequest.int16("epoch", epoch);
  }

  /** Does something in the name of whoever a request says that it is of. */
  private <T> CompletableFuture<T> inNameOf(HttpCall call, Step<T> step) {
    Messages.Transact caller = JsonRequest.of(call, Messages.Transact.class);
    int epoch = epoch(caller.epoch());
    return step.begin(caller.producerId(), epoch, required(caller.transactionalId()), call.deadline());
  }

  private interface Step<T> {
    CompletableFuture<T> begin(long producer, int epoch, String name, Deadline deadline);
  }

  private CompletableFuture<HttpReply> init(HttpCall call) {
    Messages.InitProducer init = JsonRequest.of(call, Messages.InitProducer.class);
    String name = required(init.transactionalId());
    long millis = init.transactionTimeoutMs();
    Duration timeout = Duration.ofMillis(millis <= 0 ? DEFAULT_TIMEOUT_MILLIS : Math.min(millis, MAX_TIMEOUT_MILLIS));
    return Steps.map(
        transactions.init(name, timeout, call.deadline()),
        who -> JsonReply.message(new Messages.Producer(who.producer(), who.epoch())));
  }

  private CompletableFuture<HttpReply> heartbeat(HttpCall call) {
    long producer;
    try {
      producer = Long.parseLong(call.variable("id"));
    } catch (NumberFormatException other) {
      throw Refusal.badRequest("invalid producer_id");
    }
    Messages.ProducerHeartbeat heartbeat = JsonRequest.of(call, Messages.ProducerHeartbeat.class);
    int epoch = epoch(heartbeat.epoch());
    transactions.heartbeat(producer, epoch, required(heartbeat.transactionalId()));
    return JsonReply.now(status("ok"));
  }

  private CompletableFuture<HttpReply> begin(HttpCall call) {
    return Steps.map(
        inNameOf(call, transactions::begin),
        begun -> JsonReply.message(new Messages.Begun(begun.id())));
  }

  private CompletableFuture<HttpReply> publish(HttpCall call) {
    Messages.TransactionalMessage message = JsonRequest.of(call, Messages.TransactionalMessage.class);
    long producer = message.producerId();
    int epoch = epoch(message.epoch());
    String name = message.topic();
    int partition = message.partition();
    String key = message.key() == null ? "" : message.key();
    if (name.isEmpty()) {
      throw Refusal.badRequest("topic is required");
    } else if (producer < 0) {
      throw Refusal.badRequest("sequence check failed: unknown producer ID");
    }
    Function<Topic, CompletableFuture<Transactions.Published>> publish =
        topic -> {
          int chosen = partition >= 0 ? partition : choose(key, topic.partitions());
          if (!topic.has(chosen)) {
            throw Refusal.internal("invalid partition " + chosen + " (topic has " + topic.partitions() + " partitions)");
          }
          Event<byte[]> event = Event.builder(message.value()).key(key.isEmpty() ? null : key).partition(chosen).build();
          return transactions.publish(producer, epoch, new Transactions.Publish(topic, event, message.sequence()), call.deadline());
        };
    return Steps.map(
        topics.with(name, "topic not found: " + name, call.deadline(), publish),
        published ->
            JsonReply.ok(
                new JsonObject()
                    .put("partition", published.partition())
                    .put("offset", published.offset())
                    .put("duplicate", published.duplicate())));
  }

  /** Without a key any partition would do: it is always the first. */
  private static int choose(String key, int partitions) {
    return key.isEmpty() ? 0 : Murmur3.partition(key, partitions);
  }

  private CompletableFuture<HttpReply> commit(HttpCall call) {
    return Steps.map(inNameOf(call, transactions::commit), done -> JsonReply.ok(status("committed")));
  }

  private CompletableFuture<HttpReply> abort(HttpCall call) {
    return Steps.map(inNameOf(call, transactions::abort), done -> JsonReply.ok(status("aborted")));
  }

  private static JsonObject status(String status) {
    return new JsonObject().put("status", status);
  }

  private CompletableFuture<HttpReply> list(HttpCall call) {
    JsonArray listed = new JsonArray();
    transactions.open().forEach(transaction -> listed.add(json(transaction)));
    return JsonReply.now(new JsonObject().put("transactions", listed).put("count", listed.size()));
  }

  private static JsonObject json(OpenTransaction transaction) {
    JsonArray parts = new JsonArray();
    transaction.parts().forEach(part -> parts.add(new JsonObject().put("topic", part.topic()).put("partition", part.partition())));
    return new JsonObject()
        .put("transaction_id", transaction.id())
        .put("transactional_id", transaction.producer().name())
        .put("producer_id", transaction.producer().id())
        .put("epoch", transaction.epoch())
        .put("state", transaction.state().text())
        .put("start_time", GoTime.nanos(transaction.begun()))
        .put("partitions", parts);
  }

  private CompletableFuture<HttpReply> stats(HttpCall call) {
    Map<String, Integer> open = new TreeMap<>();
    transactions.open().forEach(transaction -> open.merge(number(transaction.state()), 1, Integer::sum));
    Map<String, Integer> producers = new TreeMap<>();
    transactions.producers().all().forEach(producer -> producers.merge(number(state(producer)), 1, Integer::sum));
    JsonObject log =
        new JsonObject()
            .put("WALSizeBytes", 0)
            .put("RecordsSinceSnapshot", 0)
            .put("LastSyncTime", GoTime.nanos(GoTime.ZERO))
            .put("SnapshotExists", false)
            .put("WALEnabled", false);
    return JsonReply.now(
        new JsonObject()
            .put("ActiveTransactions", transactions.open().size())
            .put("TransactionsByState", counts(open))
            .put(
                "ProducerStats",
                new JsonObject()
                    .put("ActiveProducers", transactions.producers().all().size())
                    .put("SequenceStates", transactions.sequences().size())
                    .put("NextProducerID", transactions.producers().nextId())
                    .put("ProducersByState", counts(producers)))
            .put("LogStats", log));
  }

  private static OpenTransaction.State state(Producer producer) {
    OpenTransaction transaction = producer.open();
    return transaction == null ? OpenTransaction.State.EMPTY : transaction.state();
  }

  private static String number(OpenTransaction.State state) {
    return String.valueOf(state.ordinal());
  }

  private static JsonObject counts(Map<String, Integer> counts) {
    JsonObject json = new JsonObject();
    counts.forEach(json::put);
    return json;
  }
}
