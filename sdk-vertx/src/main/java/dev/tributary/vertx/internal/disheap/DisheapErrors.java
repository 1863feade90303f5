package dev.tributary.vertx.internal.disheap;

import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.TributaryException;
import dev.tributary.vertx.internal.net.grpc.GrpcErrors;
import io.vertx.grpc.common.GrpcStatus;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What Disheap means by a status. */
final class DisheapErrors extends GrpcErrors {
  private static final String NOT_LEADER = "not leader";
  private static final String LEADERSHIP_LOST = "leadership lost";

  /** What an engine without transactions says of a batch: which job stopped it, and its own status within the text. */
  private static final Pattern STOPPED = Pattern.compile("at index (\\d+): rpc error: code = (\\w+) desc = (.*)", Pattern.DOTALL);

  @Override
  public TributaryException of(GrpcStatus status, String message) {
    String text = status.name() + ": " + message;
    return switch (status) {
      case NOT_FOUND -> new NotFoundException(
          ErrorInfo.of(text, "Create the queue by admin().createQueue; one that was made just now may take a moment to be known everywhere"));
      case RESOURCE_EXHAUSTED -> new PayloadTooLargeException(ErrorInfo.of(text, "Send less at a time"));
      case INTERNAL -> stopped(message).orElseGet(() -> leadership(status, message, text));
      case UNAVAILABLE -> leadership(status, message, text);
      default -> super.of(status, message);
    };
  }

  /** The jobs before the one that stopped a batch were stored. */
  private Optional<TributaryException> stopped(String message) {
    Matcher found = STOPPED.matcher(message);
    if (!found.find()) {
      return Optional.empty();
    }
    return Arrays.stream(GrpcStatus.values())
        .filter(inner -> inner != GrpcStatus.OK && inner.name().replace("_", "").equalsIgnoreCase(found.group(2)))
        .findFirst()
        .map(
            inner -> {
              TributaryException error = of(inner, "job " + found.group(1) + " of the batch: " + found.group(3));
              return found.group(1).equals("0") ? error : error.orMaybeApplied();
            });
  }

  /** Only the leader makes heaps, and the others say so in words. */
  private TributaryException leadership(GrpcStatus status, String message, String text) {
    boolean lost = message.contains(LEADERSHIP_LOST);
    return lost || message.contains(NOT_LEADER)
        ? new ConnectionFailedException(
            ErrorInfo.of(text, "Name every endpoint of the cluster; a new leader is there within seconds").maybeApplied(lost))
        : super.of(status, message);
  }

  /** What this error means for a lease: the state the server did not find is the lease's. */
  static TributaryException ofLease(TributaryException error, String job) {
    boolean gone = error instanceof NotFoundException || error.getMessage().startsWith(GrpcStatus.FAILED_PRECONDITION.name());
    return gone ? lost("the lease of job " + job + " is gone, or was extended as often as it can be", error) : error;
  }

  static LeaseLostException lost(String message, @Nullable Throwable cause) {
    return new LeaseLostException(ErrorInfo.of(message, "Ask for a longer lease, or work faster").causedBy(cause));
  }
}
