package dev.tributary.vertx.internal.flymq;

import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.OffsetOutOfRangeException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.PermissionDeniedException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import java.util.List;
import java.util.function.Function;

/** What FlyMQ means by an error: there are no codes, so that the text says it. What it refuses by one of these texts it has not done. */
final class FlyMqErrors {
  private static final int LONGEST = 500;

  private record Meaning(String begin, String hint, Function<ErrorInfo, TributaryException> kind) {}

  private static final String LEADER = "Try again: a leader is being elected, or another node is it";

  /** By how the text begins; the first that fits. */
  private static final List<Meaning> MEANINGS =
      List.of(
          new Meaning("topic not found", "Create it first, or check its name", NotFoundException::new),
          new Meaning("consumer group not found", "The group never committed", NotFoundException::new),
          new Meaning("message not found", "It was replayed or purged, or lies behind the first thousand", NotFoundException::new),
          new Meaning("no schema found", "Register one first", NotFoundException::new),
          new Meaning("schema not found", "Look at the versions there are", NotFoundException::new),
          new Meaning("failed to delete schema: schema not found", "Look at the versions there are", NotFoundException::new),
          new Meaning("partition ", "Look at how many partitions the stream has", InvalidRequestException::new),
          new Meaning("no record at offset", "Read on behind it", OffsetOutOfRangeException::new),
          new Meaning("not leader", LEADER, ConnectionFailedException::new),
          new Meaning("not partition leader", LEADER, ConnectionFailedException::new),
          new Meaning("authentication required", Greeting.CHECK, UnauthenticatedException::new),
          new Meaning("user account is disabled", "Ask the operator to enable the user", UnauthenticatedException::new),
          new Meaning("invalid username or password", Greeting.CHECK, UnauthenticatedException::new),
          new Meaning("invalid current password", "Give the password that the user has now", UnauthenticatedException::new),
          new Meaning("unauthorized", "Ask the operator for a role that may do this", PermissionDeniedException::new),
          new Meaning("admin access required", "Ask the operator for the role admin", PermissionDeniedException::new),
          new Meaning("transaction not found", "It took too long, or was ended by another: begin anew", ConflictException::new),
          new Meaning("transaction is not active", "It took too long, or was ended by another: begin anew", ConflictException::new),
          new Meaning("transactions hold too much", "Commit the open ones first", ServerErrorException::new),
          new Meaning("schema validation failed", "Change the value, or register another schema", FlyMqErrors::rejected),
          new Meaning("failed to register schema", "Look at the definition, and at what may follow the latest version", SchemaRejectedException::new),
          new Meaning("unsupported schema type", "Use JSON, Avro or Protobuf", UnsupportedFeatureException::new),
          new Meaning("schema registry not initialized", "This server has no registry", UnsupportedFeatureException::new),
          new Meaning("unknown opcode", "Check the server's version", UnsupportedFeatureException::new),
          new Meaning("authentication is not enabled", "This server has no users", UnsupportedFeatureException::new),
          new Meaning("audit trail is not enabled", "Start the server with its audit trail", UnsupportedFeatureException::new),
          new Meaning("username and password are required", "Give both", InvalidRequestException::new),
          new Meaning("cannot delete your own account", "Have another administrator do it", InvalidRequestException::new),
          new Meaning("cannot make topic public", "Name users and roles, or have the operator allow anonymous access", InvalidRequestException::new),
          new Meaning("too many names", "Use fewer, or shorter ones", InvalidRequestException::new),
          new Meaning("too many users", "Delete some first", ServerErrorException::new),
          new Meaning("too many ACLs", "Delete some first", ServerErrorException::new),
          new Meaning("DLQ not enabled", "Start the server with FLYMQ_DLQ_ENABLED=true", UnsupportedFeatureException::new),
          new Meaning("delay ", "Give a shorter delay", InvalidRequestException::new),
          new Meaning("unknown subscribe mode", "Check the server's version", ProtocolViolationException::new),
          new Meaning("invalid partition count", "Use 1 to 10,000", InvalidRequestException::new),
          new Meaning("invalid ttl", "Give another ttl", InvalidRequestException::new),
          new Meaning("invalid topic name", "Use another name", InvalidRequestException::new),
          new Meaning("invalid schema name", "Use another name", InvalidRequestException::new),
          new Meaning("value of ", "Give a smaller value", PayloadTooLargeException::new),
          new Meaning("buffer too small", "Check the server's version", ProtocolViolationException::new),
          new Meaning("invalid binary format", "Check the server's version", ProtocolViolationException::new),
          new Meaning("invalid auth", "Check the server's version", ProtocolViolationException::new),
          new Meaning("invalid audit", "Check the server's version", ProtocolViolationException::new),
          new Meaning("invalid request", "Check the server's version", ProtocolViolationException::new));

  private FlyMqErrors() {}

  static TributaryException of(Opcode opcode, String text) {
    String message = text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
    if (text.equals("EOF")) {
      return endOfFile(opcode);
    }
    for (Meaning meaning : MEANINGS) {
      if (text.startsWith(meaning.begin)) {
        return meaning.kind.apply(ErrorInfo.of(message, meaning.hint));
      }
    }
    if (text.startsWith("user ") && text.endsWith("not found")) {
      return new NotFoundException(ErrorInfo.of(message, "Look at the users there are"));
    }
    if (text.endsWith("already exists")) {
      return new AlreadyExistsException(ErrorInfo.of(message, "Use the one that is there, or another name"));
    }
    if (text.contains("not ready after create")) {
      return new ConnectionFailedException(ErrorInfo.of(message, "Try again: the topic is being made"));
    }
    return new ServerErrorException(ErrorInfo.of(message, "Look at the server's log").maybeApplied(true));
  }

  /** All errors are in one text, from which nobody can tell them apart. */
  private static SchemaRejectedException rejected(ErrorInfo info) {
    return new SchemaRejectedException(info, List.of(info.message()));
  }

  /** A public server says the same of a place behind the end and of a file that is full. */
  private static TributaryException endOfFile(Opcode opcode) {
    return opcode == Opcode.CONSUME
        ? new OffsetOutOfRangeException(ErrorInfo.of("there is nothing at this offset", "Read from an offset before the end"))
        : new ServerErrorException(
            ErrorInfo.of(
                "EOF: the partition is full for good, since its index has no place left",
                "Make the topic anew, and start the server with a smaller FLYMQ_SEGMENT_BYTES: 1048576 always fits"));
  }
}
