//! What is kept between runs: photos, embeddings, labels, decisions.
