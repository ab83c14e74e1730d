package dev.noesis.demo;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A provider's API as this server speaks it: what it refuses, and how answers and errors are worded. The replies themselves are the
 * same for all.
 *
 * <p><b>Threading.</b> Stateless.
 */
interface ModelApi {
    /** Where it takes requests. */
    String path();

    /**
     * What is wrong with a request's headers; null where nothing is.
     *
     * @param apiKey null to let everyone in
     */
    @Nullable
    ApiError checkHeaders(HttpHeaders headers, @Nullable String apiKey);

    /** The first thing wrong with the request; null where nothing is. The headers have been checked. */
    @Nullable
    ApiError check(JsonNode body, HttpHeaders headers);

    /** What a responder looks at; the body has been checked. */
    ModelRequest read(JsonNode body);

    /** The whole stream. */
    List<Frame> stream(ModelRequest request, Answer answer, long call);

    /** The answer as one JSON object. */
    byte[] whole(ModelRequest request, Reply reply, long call);

    /** A sign of life within a stream. */
    Frame ping();

    /** An event of a stream that holds these data, whatever they are. */
    Frame event(String data);

    /** An error within a stream. */
    Frame error(ApiError error, String requestId);

    /** The body of an answer with an error status. */
    String errorJson(ApiError error, String requestId);

    /** The headers of every answer. */
    void addHeaders(Map<String, String> headers, String requestId, RateWindow rate);
}
