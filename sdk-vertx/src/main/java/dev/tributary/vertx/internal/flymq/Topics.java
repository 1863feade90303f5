package dev.tributary.vertx.internal.flymq;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.driver.Ends;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.flymq.wire.Answers.FetchedRecord;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import dev.tributary.vertx.internal.source.Page;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Topics, by their names on the wire: how many partitions they have, where those begin and end, and what is in them. Thread-safe. */
final class Topics {
  /** The most that servers give at a time. */
  static final int PAGE = 1_000;

  /** What a server says of itself that heeds all that it is asked for. */
  private static final String EXACT = "tributary";

  private final FlyMqCaller caller;
  /** Whether the server has said that it is one of those. */
  private volatile boolean exact;

  Topics(FlyMqCaller caller) {
    this.caller = caller;
  }

  /**
   * What a server says of a topic.
   *
   * @param led its partitions, and who leads them
   * @param exact whether the server is one that heeds all that it is asked for
   */
  record Details(String topic, List<Answers.Partition> led, boolean exact) {
    int partitions() {
      return led.size();
    }

    int checked(int partition) {
      if (partition < 0 || partition >= partitions()) {
        throw InvalidRequestException.of(
            "there is no partition " + partition + " of " + topic, "It has " + partitions() + ", which are counted from 0");
      }
      return partition;
    }
  }

  /** What the server says of a topic now; {@code NotFoundException} if there is none. */
  CompletableFuture<Details> ask(String topic, Deadline deadline) {
    return Steps.map(
        caller.metadata(topic, deadline),
        cluster -> {
          for (Answers.Topic one : cluster.topics()) {
            if (one.name().equals(topic) && !one.partitions().isEmpty()) {
              exact = cluster.id().equals(EXACT);
              return new Details(topic, one.partitions(), exact);
            }
          }
          throw strange("the answer about " + topic + " says nothing of it");
        });
  }

  /** The names of all topics. */
  CompletableFuture<List<String>> names(Deadline deadline) {
    return Steps.map(caller.call(Opcode.LIST_TOPICS, "", Message.EMPTY, Answers.Names.class, deadline), Answers.Names::names);
  }

  /** Whether the server heeds a chosen partition and a ttl, which public ones do not. Only one that has the topic says so. */
  CompletableFuture<Boolean> exact(String topic, Deadline deadline) {
    return exact ? CompletableFuture.completedFuture(true) : Steps.map(ask(topic, deadline), details -> exact);
  }

  /** The same where no topic is known of which it could be asked. All of them at once are asked about only if there is none. */
  CompletableFuture<Boolean> exact(Deadline deadline) {
    if (exact) {
      return CompletableFuture.completedFuture(true);
    }
    return Steps.then(
        names(deadline),
        names ->
            Steps.map(
                caller.metadata(names.isEmpty() ? "" : names.get(0), deadline),
                cluster -> cluster.id().equals(EXACT)));
  }

  /** This partition, if the topic has it; else {@code InvalidRequestException}. */
  CompletableFuture<Integer> partition(String topic, int partition, Deadline deadline) {
    return Steps.map(ask(topic, deadline), details -> details.checked(partition));
  }

  /** Where these begin and end now. */
  CompletableFuture<Map<Integer, Ends>> ends(String topic, Collection<Integer> partitions, Deadline deadline) {
    List<Integer> all = List.copyOf(partitions);
    return Steps.map(
        Steps.together(all.stream().map(partition -> ends(topic, partition, deadline)).toList()),
        found -> {
          Map<Integer, Ends> ends = new HashMap<>();
          for (int i = 0; i < all.size(); i++) {
            ends.put(all.get(i), found.get(i));
          }
          return ends;
        });
  }

  /** Where a partition begins and ends now. A public server says of an empty one that it ends at 1. */
  CompletableFuture<Ends> ends(String topic, int partition, Deadline deadline) {
    CompletableFuture<Long> first = place(topic, partition, "earliest", deadline);
    CompletableFuture<Long> next =
        Steps.then(
            place(topic, partition, "latest", deadline),
            offset ->
                offset == 1 && !exact
                    ? Steps.map(page(topic, partition, 0, 1, Wanted.ALL, deadline), Page::next)
                    : CompletableFuture.completedFuture(offset));
    return Steps.map(Steps.together(List.of(first, next)), both -> new Ends(Math.min(both.get(0), both.get(1)), both.get(1)));
  }

  /** Without a group a subscription is a question. */
  private CompletableFuture<Long> place(String topic, int partition, String mode, Deadline deadline) {
    return Steps.map(
        caller.call(
            Opcode.SUBSCRIBE, topic, new Requests.Subscribe(topic, "", existing(partition), mode), Answers.Offset.class, deadline),
        answer -> {
          if (answer.offset() < 0) {
            throw strange("offset " + Long.toUnsignedString(answer.offset()));
          }
          return answer.offset();
        });
  }

  /** A partition of a negative number takes a public server down. */
  private static int existing(int partition) {
    if (partition < 0) {
      throw InvalidRequestException.of("partition " + partition, "Partitions are counted from 0");
    }
    return partition;
  }

  /** Up to so many records of a partition that are wanted, from this offset on; fewer if they are larger than this client takes at a time. */
  CompletableFuture<Page> page(String topic, int partition, long offset, int max, Wanted wanted, Deadline deadline) {
    int most = Math.max(1, Math.min(max, PAGE));
    return Steps.recover(
        Steps.map(
            caller.call(
                Opcode.FETCH,
                topic,
                new Requests.Fetch(topic, existing(partition), offset, most, wanted.wire()),
                Answers.Fetched.class,
                deadline),
            answer -> page(partition, offset, most, wanted, answer)),
        error -> halve(topic, partition, offset, most, wanted, deadline, error));
  }

  private CompletableFuture<Page> halve(
      String topic, int partition, long offset, int max, Wanted wanted, Deadline deadline, TributaryException error) {
    return error instanceof PayloadTooLargeException && max > 1
        ? page(topic, partition, offset, max / 2, wanted, deadline)
        : CompletableFuture.failedFuture(error);
  }

  /** What was answered; one that leads back is refused: whoever reads on behind it would read it for ever. */
  private static Page page(int partition, long from, int max, Wanted wanted, Answers.Fetched answer) {
    if (answer.records().size() > max) {
      throw strange("a page of " + answer.records().size() + " records, where " + max + " were asked for");
    }
    long next = from;
    var messages = new ArrayList<dev.tributary.stream.Message<byte[]>>(answer.records().size());
    for (FetchedRecord record : answer.records()) {
      if (record.offset() < next || record.offset() == Long.MAX_VALUE) {
        throw strange("offset " + Long.toUnsignedString(record.offset()) + " in a page, where " + next + " or more was due");
      }
      next = record.offset() + 1;
      var message = FlyMqMapping.message(partition, record);
      if (wanted.has(message)) {
        messages.add(message);
      }
    }
    next = Math.max(next, answer.nextOffset());
    return new Page(messages, next, next == from);
  }

  private static ProtocolViolationException strange(String what) {
    return new ProtocolViolationException(ErrorInfo.of(what, "Check the server's version"));
  }
}
