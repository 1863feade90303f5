package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.Outcome;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.testkit.server.goqueue.internal.store.Appends;
import dev.tributary.testkit.server.goqueue.internal.store.Delays;
import dev.tributary.testkit.server.goqueue.internal.store.Partitioner;
import dev.tributary.testkit.server.goqueue.internal.store.Reads;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.goqueue.internal.store.Topic;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.vertx.internal.goqueue.wire.GoTime;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import dev.tributary.vertx.internal.goqueue.wire.Priorities;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The routes that publish and read. */
public final class MessageRoutes {
  private static final long MAX_LIMIT = 1000;

  private final Topics topics;
  private final Appends appends;
  private final Delays delays;
  private final Reads reads;
  private final Partitioner partitioner;
  private final Traces traces;
  private final TimeSource time;

  public MessageRoutes(
      Topics topics, Appends appends, Delays delays, Reads reads, Partitioner partitioner, Traces traces, TimeSource time) {
    this.topics = topics;
    this.appends = appends;
    this.delays = delays;
    this.reads = reads;
    this.partitioner = partitioner;
    this.traces = traces;
    this.time = time;
  }

  public void on(HttpRoutes routes) {
    routes
        .onRoot("POST", "/topics/{topic}/messages", this::publish)
        .onRoot("GET", "/topics/{topic}/partitions/{partition}/messages", this::consume);
  }

  private CompletableFuture<HttpReply> publish(HttpCall call) {
    List<NewMessage> messages = JsonRequest.of(call, Messages.Publish.class).messages().stream().map(NewMessage::of).toList();
    if (messages.isEmpty()) {
      throw Refusal.badRequest("at least one message required");
    }
    return topics.with(
        call.variable("topic"),
        Topics.NOT_FOUND,
        call.deadline(),
        topic -> {
          Instant received = time.now();
          List<Draft> drafts = messages.stream().map(message -> draft(topic, message)).toList();
          List<Event<byte[]>> events = drafts.stream().map(Draft::event).filter(Objects::nonNull).toList();
          return Steps.map(delays.publish(topic, events, call.deadline()), outcomes -> results(topic, drafts, outcomes, received));
        });
  }

  /** A message that was looked at: what is stored of it, or what is wrong with it. */
  private record Draft(NewMessage message, NewMessage.@Nullable Due due, @Nullable Event<byte[]> event, String error) {}

  private Draft draft(Topic topic, NewMessage message) {
    try {
      int priority = message.checkedPriority();
      NewMessage.Due due = message.due(time.now());
      Integer chosen = due == null || delays.choosePartition() ? message.checkedPartition(topic) : null;
      int partition = chosen == null ? partitioner.choose(topic, message.key()) : chosen;
      Duration wait = due == null ? null : due.delay();
      return new Draft(message, due, message.event(partition, wait, priority, topics.transport()), "");
    } catch (Refusal wrong) {
      return new Draft(message, null, null, wrong.text());
    }
  }

  private HttpReply results(Topic topic, List<Draft> drafts, List<Outcome<Position>> outcomes, Instant received) {
    JsonArray results = new JsonArray();
    int next = 0;
    for (Draft draft : drafts) {
      Event<byte[]> event = draft.event();
      JsonObject result = event == null ? failure(draft.error()) : result(draft, event, outcomes.get(next++));
      String error = result.getString("error");
      if (error == null) {
        traces.published(new Traces.Place(topic.name(), result.getInteger("partition"), result.getLong("offset")), received);
      } else {
        traces.refused(topic.name(), error);
      }
      results.add(result);
    }
    return JsonReply.ok(new JsonObject().put("results", results));
  }

  private static JsonObject result(Draft draft, Event<byte[]> event, Outcome<Position> outcome) {
    Position position = outcome.value();
    TributaryException error = outcome.error();
    if (position == null || error != null) {
      return failure(NewMessage.failed(event.partition().orElse(0), String.valueOf(error == null ? null : error.getMessage())).text());
    }
    JsonObject result =
        new JsonObject()
            .put("partition", position.partition())
            .put("offset", position.offset())
            .put("priority", Priorities.name(event.priority()));
    if (draft.due() != null) {
      result.put("delayed", true).put("deliverAt", GoTime.seconds(draft.due().at()));
    }
    return result;
  }

  /** Partition and offset are there all the same. */
  private static JsonObject failure(String text) {
    return new JsonObject().put("partition", 0).put("offset", 0).put("error", text);
  }

  private CompletableFuture<HttpReply> consume(HttpCall call) {
    int partition = (int) number(call.variable("partition"), Integer.MIN_VALUE, Integer.MAX_VALUE, "invalid partition ID");
    long offset = query(call, "offset", 0, 0, "invalid offset");
    int limit = (int) Math.min(MAX_LIMIT, query(call, "limit", 100, 1, "invalid limit"));
    String name = call.variable("topic");
    return topics.with(
        name,
        Topics.NOT_FOUND + ": " + name,
        call.deadline(),
        topic -> {
          if (!topic.has(partition)) {
            throw Refusal.internal("invalid partition " + partition);
          }
          return Steps.map(
              reads.read(topic, partition, offset, limit, call.deadline()),
              messages -> {
                JsonArray read = new JsonArray();
                for (Message<byte[]> message : messages) {
                  traces.record(Traces.Step.FETCHED, new Traces.Place(name, partition, message.offset()), Traces.Reader.ANYBODY);
                  read.add(json(message));
                }
                long next = messages.stream().mapToLong(Message::offset).max().orElse(offset - 1) + 1;
                return JsonReply.ok(new JsonObject().put("messages", read).put("next_offset", next));
              });
        });
  }

  private static long query(HttpCall call, String name, long missing, long least, String wrong) {
    String text = call.query(name);
    return text == null ? missing : number(text, least, Long.MAX_VALUE, wrong);
  }

  private static long number(String text, long least, long most, String wrong) {
    try {
      long number = Long.parseLong(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException other) {
      // Said below.
    }
    throw Refusal.badRequest(wrong);
  }

  /** A message as readers of a partition see it. */
  static JsonObject json(Message<byte[]> message) {
    JsonObject json = new JsonObject().put("offset", message.offset()).put("timestamp", timestamp(message));
    EventKey key = message.key();
    // One that is no text came by another protocol, and would be another key here.
    if (key != null && key.size() > 0 && key.isText()) {
      json.put("key", key.text());
    }
    int priority = Math.max(Priorities.BACKGROUND, Math.min(Priorities.CRITICAL, message.priority()));
    return json.put("value", new String(message.value(), StandardCharsets.UTF_8)).put("priority", Priorities.name(priority));
  }

  private static String timestamp(Message<byte[]> message) {
    Instant stored = message.timestamp();
    return GoTime.nanos(stored == null ? GoTime.ZERO : stored);
  }
}
