package dev.tributary.vertx.internal.flymq;

import dev.tributary.config.Endpoint;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Frame;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.tcp.TcpCaller;
import io.netty.buffer.ByteBuf;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * FlyMQ's operations: records there and back, errors by their texts. What stores and what asks have connections of their own, so that neither waits
 * behind the other; what is about one thing goes one way, in the order in which it is asked.
 *
 * <p>A node that does not lead says so before it does anything: then the others are asked, the one that it names first, but nobody whom the
 * configuration does not name. Whoever did it is asked first from then on, until it fails. What is about a partition is asked where that is led, as far
 * as one of those says who does. Thread-safe.
 */
final class FlyMqCaller {
  private static final String LEADER = "leader_addr=";

  private final Network network;
  private final Greeting greeting;
  private final Node anyone;
  private final Map<Endpoint, Node> nodes = new ConcurrentHashMap<>();
  private final ContextInternal loop;
  private final Leaders leaders;
  private volatile Node leader;

  FlyMqCaller(Network network) {
    this.network = network;
    this.greeting = new Greeting(network.config());
    this.anyone = new Node(network);
    this.leader = anyone;
    this.loop = network.loop();
    this.leaders = new Leaders(new Addresses(network.endpoints().all()), topic -> within(patience(), deadline -> metadata(topic, deadline)));
  }

  /** The ways to one node, or to whichever is there. */
  private final class Node {
    private final TcpCaller<Answer> asking;
    private final TcpCaller<Answer> storing;

    Node(Network way) {
      this.asking = new TcpCaller<>(way, greeting);
      this.storing = new TcpCaller<>(way, greeting);
    }

    /** {@code frame} is the request. Who is turned away says again who is calling, by other credentials if there are, and asks once more. */
    CompletableFuture<Answer> send(Opcode opcode, String about, Message request, ByteBuf frame, Deadline deadline) {
      TcpCaller<Answer> way = stores(opcode) ? storing : asking;
      int lane = Math.floorMod(about.hashCode(), way.lanes());
      if (!greeting.changes()) {
        return way.call(lane, frame, opcode.managesUsers(), deadline);
      }
      return Steps.then(
          way.call(lane, frame, opcode.managesUsers(), deadline),
          answer ->
              answer.turnsAway()
                  ? Steps.then(
                      greeting.again(login -> way.call(lane, login, deadline)),
                      in -> way.call(lane, Frame.of(opcode, request), opcode.managesUsers(), deadline))
                  : CompletableFuture.completedFuture(answer));
    }

    CompletableFuture<Void> close() {
      return CompletableFuture.allOf(asking.close(), storing.close());
    }
  }

  /**
   * Makes a call.
   *
   * @param about what it is about: calls about the same are made in their order
   */
  <A extends Message> CompletableFuture<A> call(Opcode opcode, String about, Message request, Class<A> type, Deadline deadline) {
    return call(opcode, about, request, type, Function.identity(), deadline);
  }

  /** The same, with what is made of the answer. */
  <A extends Message, R> CompletableFuture<R> call(
      Opcode opcode, String about, Message request, Class<A> type, Function<? super A, ? extends R> convert, Deadline deadline) {
    ByteBuf frame;
    try {
      frame = Frame.of(opcode, request);
    } catch (RuntimeException unspeakable) {
      return CompletableFuture.failedFuture(unspeakable);
    }
    int bytes = frame.readableBytes() - Frame.HEADER;
    if (bytes > Frame.MOST_BYTES) {
      return CompletableFuture.failedFuture(
          new PayloadTooLargeException(ErrorInfo.of("a request of " + bytes + " bytes", "A request may have " + Frame.MOST_BYTES)));
    }
    if (network.endpoints().size() == 1) {
      return Steps.map(anyone.send(opcode, about, request, frame, deadline), answer -> convert.apply(answer.as(opcode, type)));
    }
    String topic = Leaders.topic(request);
    CompletableFuture<Answer> answer =
        topic == null
            ? anywhere(opcode, about, request, frame, deadline)
            : leaders.at(
                topic,
                request,
                led ->
                    led == null
                        ? anywhere(opcode, about, request, frame, deadline)
                        : where(led, topic, opcode, about, request, frame, deadline));
    return Steps.map(answer, last -> convert.apply(last.as(opcode, type)));
  }

  /** Where a partition is led, as a node said. If that is not so any more, or nobody is there, whoever does it is found as for any other call. */
  private CompletableFuture<Answer> where(
      Endpoint led, String topic, Opcode opcode, String about, Message request, ByteBuf frame, Deadline deadline) {
    CompletableFuture<Optional<Answer>> there = Steps.map(node(led).send(opcode, about, request, frame, deadline), Optional::of);
    return Steps.then(
        Steps.recover(
            there,
            ConnectionFailedException.class,
            error -> {
              leaders.forget(topic);
              return error.maybeApplied() ? CompletableFuture.failedFuture(error) : CompletableFuture.completedFuture(Optional.empty());
            }),
        answer ->
            answer.isPresent()
                ? elsewhere(answer.get(), opcode, about, request, deadline)
                : anywhere(opcode, about, request, Frame.of(opcode, request), deadline));
  }

  private CompletableFuture<Answer> anywhere(Opcode opcode, String about, Message request, ByteBuf frame, Deadline deadline) {
    Node first = leader;
    CompletableFuture<Answer> call = first.send(opcode, about, request, frame, deadline);
    return Steps.then(
        Steps.recover(call, error -> gone(first, error)), answer -> elsewhere(answer, opcode, about, request, deadline));
  }

  /** Asks the others if this one sends there. */
  private CompletableFuture<Answer> elsewhere(Answer answer, Opcode opcode, String about, Message request, Deadline deadline) {
    String text = answer.elsewhere();
    if (text == null) {
      return CompletableFuture.completedFuture(answer);
    }
    String topic = Leaders.topic(request);
    if (topic != null) {
      leaders.forget(topic);
    }
    return follow(others(text).iterator(), opcode, about, request, answer, deadline);
  }

  /** What a node says of a topic. Of all of them it is never asked: that can take it down. */
  CompletableFuture<Answers.Cluster> metadata(String topic, Deadline deadline) {
    return call(Opcode.CLUSTER_METADATA, topic, new Requests.Name(topic), Answers.Cluster.class, deadline);
  }

  /** Nobody waits for a leader that cannot be reached. */
  private <T> CompletableFuture<T> gone(Node node, TributaryException error) {
    if (error instanceof ConnectionFailedException && leader == node) {
      leader = anyone;
    }
    return CompletableFuture.failedFuture(error);
  }

  /** All that were configured, the one that this names first. */
  private List<Endpoint> others(String text) {
    List<Endpoint> all = new ArrayList<>(network.endpoints().all());
    int at = text.indexOf(LEADER);
    String named = at < 0 ? "" : text.substring(at + LEADER.length()).strip();
    all.sort(Comparator.comparing(endpoint -> !endpoint.toString().equals(named)));
    return all;
  }

  private Node node(Endpoint endpoint) {
    return nodes.computeIfAbsent(endpoint, at -> new Node(network.at(at)));
  }

  private CompletableFuture<Answer> follow(
      Iterator<Endpoint> left, Opcode opcode, String about, Message request, Answer before, Deadline deadline) {
    if (!left.hasNext()) {
      leader = anyone;
      return CompletableFuture.completedFuture(before);
    }
    Node node = node(left.next());
    return Steps.then(
        Steps.recover(
            node.send(opcode, about, request, Frame.of(opcode, request), deadline),
            // What may have been done is not done again elsewhere.
            error -> error.maybeApplied() ? CompletableFuture.failedFuture(error) : CompletableFuture.completedFuture(before)),
        answer -> {
          if (answer.elsewhere() != null) {
            return follow(left, opcode, about, request, answer, deadline);
          }
          leader = node;
          return CompletableFuture.completedFuture(answer);
        });
  }

  private static boolean stores(Opcode opcode) {
    return switch (opcode) {
      case PRODUCE, PRODUCE_WITH_SCHEMA, PRODUCE_DELAYED, PRODUCE_WITH_TTL, TXN_BEGIN, TXN_PRODUCE, TXN_COMMIT, TXN_ROLLBACK -> true;
      default -> false;
    };
  }

  /** A server has answers to questions at once: a connection that is silent for so long is dead, whatever else calls may take. */
  Duration patience() {
    Duration silence = network.config().idleProbe().plus(network.config().connectTimeout());
    Duration timeout = network.config().timeout();
    return silence.compareTo(timeout) < 0 ? silence : timeout;
  }

  /** Runs this with a timeout of its own, for what nobody above watches. */
  <R> CompletableFuture<R> within(Duration timeout, Function<Deadline, CompletableFuture<R>> work) {
    return network.within(timeout, work);
  }

  /** An event loop for what keeps state. */
  ContextInternal loop() {
    return loop;
  }

  /** Fails what is in flight, and disconnects. */
  CompletableFuture<Void> close() {
    List<CompletableFuture<Void>> closed = new ArrayList<>(List.of(anyone.close()));
    nodes.values().forEach(node -> closed.add(node.close()));
    return CompletableFuture.allOf(closed.toArray(CompletableFuture[]::new));
  }
}
